import { EventEmitter, once } from "node:events";
import { onTestFinished } from "vitest";
import { openRedis, type RedisConnection, type RedisOptions } from "../redis-connection.ts";

export interface RedisUnderTest {
  readonly redis: RedisConnection;
  /** Why the server was away, each time. */
  readonly losses: readonly Error[];
  /** At once when commands are taken, else when they are. */
  untilReady(): Promise<void>;
  /** Why it is away: at once when it is known, else when it is. */
  untilLost(): Promise<Error>;
  /** When that many tries have failed since now. */
  untilTried(count: number): Promise<void>;
}

/** A connection whose waits between tries are the shortest; closed when the test is over. */
export function redisUnderTest(url: string, options: RedisOptions = {}): RedisUnderTest {
  const reported = new EventEmitter();
  const losses: Error[] = [];
  const redis = openRedis(url, {
    // Longer than a test: what takes it hangs.
    commandTimeoutMs: 60_000,
    connectTimeoutMs: 60_000,
    ...options,
    onReady: () => void reported.emit("ready"),
    onLost(failure) {
      losses.push(failure);
      reported.emit("lost", failure);
    },
    random() {
      reported.emit("tried");
      return 0;
    },
  });
  onTestFinished(() => redis.close());
  return {
    redis,
    losses,
    async untilReady() {
      if (!redis.isReady) await once(reported, "ready");
    },
    async untilLost() {
      const known = redis.isReady ? undefined : losses.at(-1);
      const [failure] = known === undefined ? await once(reported, "lost") : [known];
      return failure as Error;
    },
    async untilTried(count) {
      for (let tries = 0; tries < count; tries += 1) await once(reported, "tried");
    },
  };
}
