import type { Behaviour } from "./behaviour.ts";
import { cuts } from "./cuts.ts";
import { delivery } from "./delivery.ts";
import { endings } from "./endings.ts";
import { endurance } from "./endurance.ts";
import { oneSocket } from "./one-socket.ts";
import { pageLife } from "./page-life.ts";
import { polls } from "./polls.ts";
import { refusals } from "./refusals.ts";
import { wire } from "./wire.ts";
import { workers } from "./workers.ts";

/** Everything that is looked at in every engine, under the headings of docs/browsers.md. */
export const allBehaviours: Readonly<Record<string, readonly Behaviour[]>> = {
  Delivery: delivery,
  Endings: endings,
  "A network that fails": cuts,
  "A page that lives": pageLife,
  Refusals: refusals,
  "The wire": wire,
  "One WebSocket for many answers": oneSocket,
  "A proxy that mutes event streams": polls,
  Workers: workers,
  Endurance: endurance,
};
