import type { Observer, RequestCounter, ResumableLog } from "@gatestream/relay/parts";
import { openRedis, type RedisOptions } from "../connection/redis-connection.ts";
import { countShared } from "../limits/request-counter.ts";
import { createRedisLog } from "./redis-log.ts";
import type { RedisLogSettings } from "./stream-store.ts";

/** The options of {@link redisLog}. */
export interface RedisLogOptions extends RedisLogSettings, Omit<RedisOptions, "random" | "onLost"> {
  /** `redis://host:6379` or `rediss://user:password@host:6379/0`. */
  readonly url: string;
}

/**
 * A log on a connection of its own, for `createRelay({ log })`. The relay closes both.
 *
 * @throws Error when `url` is no URL of a Redis server.
 */
export function redisLog({ url, ...options }: RedisLogOptions): ResumableLog {
  let observe: Observer = () => {};
  const reporting = {
    ...options,
    onReady() {
      observe({ type: "redis_ready" });
      options.onReady?.();
    },
    onLost(failure: Error) {
      observe({ type: "redis_lost", failure });
      options.onLost?.(failure);
    },
  };
  const redis = openRedis(url, reporting);
  const log = createRedisLog(redis, reporting);
  return {
    ...log,
    get isReady() {
      return log.isReady;
    },
    reportTo(observer) {
      observe = observer;
    },
    async close() {
      await log.close();
      await redis.close();
    },
  };
}

/** What `createRelay({ redisUrl })` has of this package: one connection for the log and for limits. */
export function shareOverRedis(
  { redisUrl, ...settings }: RedisLogSettings & { readonly redisUrl: string },
  observe: Observer,
) {
  const onLost = (failure: Error): void => observe({ type: "redis_lost", failure });
  const redis = openRedis(redisUrl, { onReady: () => observe({ type: "redis_ready" }), onLost });
  const countRequest: RequestCounter = (counted) => countShared(redis, counted);
  return {
    createLog: () => createRedisLog(redis, { ...settings, onLost }),
    countRequest,
    close: () => redis.close(),
  };
}
