import type { RedisConnection } from "../connection/redis-connection.ts";
import { createLocalKeys } from "./local-keys.ts";
import { storeAway } from "./store-away.ts";
import type { StreamStore } from "./stream-store.ts";

export interface IdempotencyKeysOptions {
  readonly redis: RedisConnection;
  readonly store: StreamStore;
  /** How long a claim whose response was lost waits for the next connection, in milliseconds. */
  readonly waitMs: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
  /** Whether other relays may not have had the time to write again what Redis lost. */
  readonly isHealing: () => boolean;
  /** Redis has lost its data since it was last asked. */
  readonly onDataLost: () => void;
}

/** Which streams the callers' idempotency keys stand for. */
export type IdempotencyKeys = ReturnType<typeof createIdempotencyKeys>;

export function createIdempotencyKeys({
  redis,
  store,
  now,
  waitMs,
  ...options
}: IdempotencyKeysOptions) {
  const local = createLocalKeys({ pendingMs: store.lagMs, now });
  /** Keys that may be bound to a stream that was never started. */
  const unsettled = new Map<string, string>();
  const closing = new AbortController();

  /** @throws RelayError `overloaded` when Redis is away, or may have lost the key. */
  async function claimOnce(key: string, streamId: string): Promise<string> {
    await releaseUnsettled(key);
    const { holder, isDataLost } = await store.claim(key, streamId, !options.isHealing());
    if (isDataLost) options.onDataLost();
    if (holder !== "") return holder;
    // The relay that writes the stream brings the key back to Redis.
    const own = local.holderOf(key);
    if (own === undefined) throw storeAway();
    return own;
  }

  /**
   * Aborted after `waitMs`, or when this is closed. It is no `AbortSignal.any` of an
   * `AbortSignal.timeout`: nothing holds that timeout but weak references, and once it is collected the
   * wait has no end.
   */
  function waitLimit(): AbortSignal {
    const limit = new AbortController();
    const end = (): void => limit.abort();
    setTimeout(end, waitMs).unref();
    if (closing.signal.aborted) end();
    else closing.signal.addEventListener("abort", end, { signal: limit.signal });
    return limit.signal;
  }

  /**
   * A claim is repeated when the connection broke before its response: Redis may have bound the key.
   * It is released later when Redis stays away.
   */
  async function claimUntilKnown(key: string, streamId: string): Promise<string> {
    let limit: AbortSignal | undefined;
    for (;;) {
      const wasReady = redis.isReady;
      try {
        return await claimOnce(key, streamId);
      } catch (failure) {
        const isConnectionLost = wasReady && !redis.isReady;
        if (limit === undefined && !isConnectionLost) throw failure;
        limit ??= waitLimit();
        const isReply = wasReady && !isConnectionLost;
        if (!isReply) await redis.whenReady(limit);
        if (isReply || limit.aborted) {
          unsettled.set(key, streamId);
          throw failure;
        }
      }
    }
  }

  async function releaseUnsettled(key: string): Promise<void> {
    const streamId = unsettled.get(key);
    if (streamId === undefined) return;
    await store.release(key, streamId);
    if (unsettled.get(key) === streamId) unsettled.delete(key);
  }

  return {
    keep: local.keep,
    forget: local.forget,
    keysOf: local.keysOf,

    async claim(key: string, streamId: string): Promise<string> {
      const own = local.holderOf(key);
      if (own !== undefined && !redis.isReady) return own;
      const holder = await claimUntilKnown(key, streamId);
      if (holder === streamId) local.add(key, streamId);
      return holder;
    },

    async release(key: string): Promise<void> {
      const own = local.holderOf(key);
      local.release(key);
      try {
        await store.release(key, own);
      } catch {
        if (own !== undefined) unsettled.set(key, own);
      }
    },

    /** Releases in Redis what could not be released when it was away. */
    async settle(): Promise<void> {
      await Promise.all([...unsettled.keys()].map(releaseUnsettled));
    },

    close(): void {
      closing.abort();
      local.clear();
      unsettled.clear();
    },
  };
}
