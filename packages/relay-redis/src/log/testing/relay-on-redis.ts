import { onTestFinished } from "vitest";
import type { RedisOptions } from "../../connection/redis-connection.ts";
import { redisUnderTest, type RedisUnderTest } from "../../connection/testing/redis-under-test.ts";
import type { ResumableLog } from "@gatestream/relay/parts";
import { createRedisLog } from "../redis-log.ts";
import type { RedisLogSettings } from "../stream-store.ts";

/** One relay of several on the same server. */
export interface RelayOnRedis extends RedisUnderTest {
  readonly log: ResumableLog;
  /** As a crash: from now on it brings nothing to Redis, not even that it is alive. */
  crash(): Promise<void>;
}

/** Short, so that tests need not wait; long enough for a machine that is busy. */
export const leaseMs = 300;

/** A log on a server, as soon as that is there; closed when the test is over. */
export async function relayOnRedis(
  url: string,
  options: Partial<RedisLogSettings> & { readonly connection?: RedisOptions } = {},
): Promise<RelayOnRedis> {
  const under = redisUnderTest(url, options.connection);
  await under.untilReady();
  const limits = { maxLogBytes: 1_048_576, retainClosedMs: 600_000 };
  const log = createRedisLog(under.redis, { ...limits, leaseMs, ...options });
  onTestFinished(() => log.close());
  return { ...under, log, crash: () => under.redis.close() };
}

/** Two relays on one server: streams are written here and read here and there. */
export async function twoRelays(...[url, options]: Parameters<typeof relayOnRedis>) {
  const [writing, reading] = await Promise.all([
    relayOnRedis(url, options),
    relayOnRedis(url, options),
  ]);
  return { writing, reading, here: writing.log, there: reading.log };
}
