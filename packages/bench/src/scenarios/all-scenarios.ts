import type { Intensity } from "../intensity.ts";
import type { Scenario } from "../scenario.ts";
import { clientInChromium } from "./client-in-chromium.ts";
import { clientInNode } from "./client-in-node.ts";
import { clientRendering } from "./client-rendering.ts";
import { clientSize } from "./client-size.ts";
import { decoding } from "./decoding.ts";
import { flatOut } from "./flat-out.ts";
import { leaving } from "./leaving.ts";
import { memory } from "./memory.ts";
import { paced } from "./paced.ts";
import { resuming } from "./resuming.ts";
import { shortAnswers } from "./short-answers.ts";
import { stalledReaders } from "./stalled-readers.ts";
import { webSocket } from "./web-socket.ts";

/** In the order of the page. */
export function allScenarios(intensity: Intensity): Scenario[] {
  return [
    paced,
    flatOut(1),
    flatOut(10),
    shortAnswers,
    memory(intensity),
    leaving,
    stalledReaders,
    resuming,
    webSocket,
    clientInChromium(intensity),
    clientRendering(intensity),
    clientInNode(intensity),
    clientSize,
    decoding,
  ];
}
