import { setImmediate as loopTurn } from "node:timers/promises";
import { redisLog } from "@gatestream/relay-redis";
import { createRelay, type RelayOptions } from "@gatestream/relay";

export interface RelayProcessOptions {
  readonly relay: RelayOptions;
  /** A log of its own on this Redis, whose relays are taken for lost so soon. */
  readonly log?: {
    readonly url: string;
    readonly leaseMs: number;
    readonly commandTimeoutMs: number;
  };
}

/** A host that embeds a relay and forwards its observer's events. */
const options = JSON.parse(process.argv[2] ?? "{}") as RelayProcessOptions;
const relay = createRelay({
  ...options.relay,
  ...(options.log && {
    log: redisLog({ ...options.log, onReady: () => process.send?.({ type: "redis_ready" }) }),
  }),
  observer: ({ type }) => process.send?.({ type }),
});

process.on("disconnect", () => process.exit(1));
process.on("message", async (message) => {
  if (message !== "close") return;
  process.send?.({ type: "closing" });
  await relay.close();
  // The loop gives back what was closed at the end of a turn.
  await loopTurn();
  await loopTurn();
  process.send?.({ type: "closed", resources: process.getActiveResourcesInfo() });
});
// What the tests say does not keep the process alive.
process.channel?.unref();
const { url } = await relay.listen();
process.send?.({ type: "listening", url });
