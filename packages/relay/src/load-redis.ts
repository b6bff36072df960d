import type { RequestCounter } from "./admission/limits/request-counter.ts";
import type { RelaySettings } from "./configuration/settings.ts";
import type { ResumableLog } from "./log/event-log.ts";
import type { Observer } from "./observe/observer.ts";

/** What relays on one Redis share. */
export interface Shared {
  /** Undefined unless `resume` is `redis`. */
  readonly log: ResumableLog | undefined;
  readonly countRequest: RequestCounter;
  close(): Promise<void>;
}

/** Loads the optional package `@gatestream/relay-redis`, and connects in the background. */
export function shareOverRedis(settings: RelaySettings, observe: Observer): Shared {
  const onLost = (failure: Error): void => observe({ type: "redis_lost", failure });
  async function open() {
    // In a `try`, so that bundlers do without it where it is not installed.
    try {
      const part = await import("@gatestream/relay-redis");
      const onReady = (): void => observe({ type: "redis_ready" });
      return { part, redis: part.openRedis(settings.redisUrl, { onReady, onLost }) };
    } catch (failure) {
      // A broken installation is the same to readers as a Redis that is away.
      onLost(failure instanceof Error ? failure : new Error(String(failure)));
      throw failure;
    }
  }
  const opening = open();
  opening.catch(() => {});
  return {
    log:
      settings.resume === "redis"
        ? lazyLog(
            opening.then(({ part, redis }) => part.createRedisLog(redis, { ...settings, onLost })),
          )
        : undefined,
    async countRequest(key, windowMs) {
      const { part, redis } = await opening;
      return part.countShared(redis, key, windowMs);
    },
    close: () =>
      opening.then(
        ({ redis }) => redis.close(),
        () => {},
      ),
  };
}

function lazyLog(loading: Promise<ResumableLog>): ResumableLog {
  let loaded: ResumableLog | undefined;
  loading.then(
    (log) => {
      loaded = log;
    },
    () => {},
  );
  return {
    isShared: true,
    get isReady() {
      return loaded?.isReady ?? false;
    },
    create: async (...stream) => (await loading).create(...stream),
    follow: async (...reader) => (await loading).follow(...reader),
    find: async (streamId) => (await loading).find(streamId),
    claim: async (...key) => (await loading).claim(...key),
    release: async (key) => (await loading).release(key),
    cancel: async (streamId) => (await loading).cancel(streamId),
    hasReadersElsewhere: async (streamId) => (await loading).hasReadersElsewhere(streamId),
    close: () =>
      loading.then(
        (log) => log.close(),
        () => {},
      ),
  };
}
