import type { ResumableLog } from "@gatestream/relay/parts";
import { openRedis, type RedisOptions } from "../connection/redis-connection.ts";
import { createRedisLog, type RedisLogSettings } from "./redis-log.ts";

/** The options of {@link redisLog}. */
export interface RedisLogOptions
  extends
    Omit<RedisLogSettings, "maxLogBytes" | "retainClosedMs" | "now">,
    Omit<RedisOptions, "random"> {
  /** `redis://host:6379` or `rediss://user:password@host:6379/0`. */
  readonly url: string;
  /** What is kept of one stream; the oldest goes, and readers get a `gap`. @defaultValue 4194304 */
  readonly maxLogBytes?: number;
  /** Ended streams kept for one caller; the oldest goes. @defaultValue 1000 */
  readonly maxKeptStreamsPerSubject?: number;
  /** How long a stream is kept after its end; reading does not renew it. @defaultValue 600000 */
  readonly retainClosedMs?: number;
  /**
   * Called with the reason why streams cannot be kept: Redis is away, or refuses what it is asked. Once
   * until that is over.
   */
  readonly onLost?: (failure: Error) => void;
}

/** As the settings of the relay. */
export const defaults = {
  maxLogBytes: 4 * 1024 * 1024,
  maxKeptStreamsPerSubject: 1_000,
  retainClosedMs: 600_000,
};

/**
 * A log on a connection of its own, for `createRelay({ log })`. The relay closes both.
 *
 * @throws Error when `url` is no URL of a Redis server.
 */
export function redisLog({ url, ...options }: RedisLogOptions): ResumableLog {
  const redis = openRedis(url, options);
  const log = createRedisLog(redis, { ...defaults, ...options });
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
