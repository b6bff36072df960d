import { setImmediate as loopTurn } from "node:timers/promises";
import { createRedisLog } from "../../src/log/redis/redis-log.ts";
import { openRedis } from "../../src/redis/redis-connection.ts";
import { createRelay, type RelayOptions } from "../../src/index.ts";

export interface RelayProcessOptions {
  readonly relay: RelayOptions;
  /** A log of its own on this Redis, whose relays are taken for lost so soon. */
  readonly log?: {
    readonly url: string;
    readonly leaseMs: number;
    readonly commandTimeoutMs: number;
  };
}

/** A host that embeds a relay and tells what the relay tells its observer. */
const options = JSON.parse(process.argv[2] ?? "{}") as RelayProcessOptions;
const relay = createRelay({
  ...options.relay,
  ...(options.log === undefined ? {} : { log: openLog(options.log) }),
  observer: ({ type }) => process.send?.({ type }),
});

function openLog({ url, leaseMs, commandTimeoutMs }: NonNullable<RelayProcessOptions["log"]>) {
  const redis = openRedis(url, {
    commandTimeoutMs,
    onReady: () => process.send?.({ type: "redis_ready" }),
  });
  const log = createRedisLog(redis, { leaseMs, maxLogBytes: 1_048_576, retainClosedMs: 600_000 });
  return {
    ...log,
    get isReady() {
      return log.isReady;
    },
    async close() {
      await log.close();
      await redis.close();
    },
  };
}

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
