import { randomUUID } from "node:crypto";
import type { RedisConnection } from "../connection/redis-connection.ts";
import { isRelayError, type ResumableLog } from "@gatestream/relay/parts";
import { lastIdAt } from "./entry.ts";
import { createIdempotencyKeys } from "./idempotency-keys.ts";
import { createMirrors } from "./mirrors.ts";
import { startLeaseLoop } from "./lease-loop.ts";
import { storeAway } from "./store-away.ts";
import { createStreamStore } from "./stream-store.ts";
import { openTail } from "./tail.ts";
import { createWrittenStreams } from "./written-streams.ts";

export interface RedisLogSettings {
  /** What is kept of one stream, in bytes of JSON: the newest events; readers get a `gap` for the others. */
  readonly maxLogBytes: number;
  /** Ended streams that are kept for each caller; the one that ended first goes. @defaultValue no limit */
  readonly maxKeptStreamsPerSubject?: number;
  /** How long a stream is kept after its terminal event, in milliseconds; reading renews nothing. */
  readonly retainClosedMs: number;
  /**
   * How long a relay may be silent before its streams end with `producer_lost`, in milliseconds.
   * @defaultValue 5000
   */
  readonly leaseMs?: number;
  /** What every key begins with. @defaultValue `"gatestream"` */
  readonly keyPrefix?: string;
  /** Called once when Redis is there and refuses what it is asked, until it takes it again. */
  readonly onLost?: (failure: Error) => void;
  /** Milliseconds, of a clock that never goes back. @defaultValue `performance.now` */
  readonly now?: () => number;
}

/** How long unsent entries may delay the relay's shutdown. */
const flushMs = 1_000;

/**
 * A log that all relays on one Redis share: a reader may reconnect to any of them, also when the
 * relay that writes the stream is gone. Readers of the writing relay wait for Redis with the end
 * alone: others may end the stream too, and all readers get the same end.
 *
 * - A log is one Redis Stream, which carries it too. An event's id is its position there, so no cursor
 *   is translated, and there is nothing beside the log that could disagree with it.
 * - While Redis is away streams go on for the readers of the relay that writes them; those of other
 *   relays are cut off when that lasts longer than a lease. What Redis missed, or lost, it is given
 *   when it is back, as far as it is kept.
 * - When a relay dies, readers elsewhere get `producer_lost` after `leaseMs` and a third. Its own
 *   readers may have had events that Redis never got: when they reconnect with a cursor that is not
 *   before the end of the log, they get the terminal event alone, numbered after it.
 *
 * It needs Redis from 6.2 on, or Valkey, alone or with Sentinel, and one connection besides
 * `redis`. Redis Cluster is not supported: one script writes keys of several slots. Every
 * key expires.
 */
export function createRedisLog(redis: RedisConnection, options: RedisLogSettings): ResumableLog {
  const settings = {
    leaseMs: 5_000,
    keyPrefix: "gatestream",
    maxKeptStreamsPerSubject: Number.MAX_SAFE_INTEGER,
    now: monotonicMs,
    ...options,
  };
  const { leaseMs, now } = settings;
  const relayId = randomUUID();
  const store = createStreamStore(redis, { ...settings, relayId });
  const idempotencyKeys = createIdempotencyKeys({
    redis,
    store,
    now,
    waitMs: leaseMs,
    isHealing: () => leaseLoop.isHealing,
    onDataLost: () => leaseLoop.noteDataLoss(),
  });
  let isRefusalReported = false;
  const written = createWrittenStreams({
    ...settings,
    store,
    keysOf: idempotencyKeys.keysOf,
    onOver: idempotencyKeys.forget,
    mayBeEndedElsewhere: () => leaseLoop.wasStopped,
    onCalled(failure) {
      if (failure === undefined) isRefusalReported = false;
      if (failure === undefined || !redis.isReady || isRefusalReported) return;
      isRefusalReported = true;
      options.onLost?.(failure instanceof Error ? failure : new Error(String(failure)));
    },
  });
  const mirrors = createMirrors({
    ...settings,
    store,
    idleMs: leaseMs,
  });
  const tail = openTail({
    redis,
    controlKey: store.keys.control(relayId),
    blockMs: leaseMs,
    onClosed: (streamId, by) => written.get(streamId)?.endBy(by),
    onAppended: mirrors.read,
    onChange: (isLost) => leaseLoop.tickNow(isLost),
  });
  const leaseLoop = startLeaseLoop({
    ...settings,
    redis,
    store,
    idempotencyKeys,
    written,
    mirrors,
    tail,
  });

  async function close(): Promise<void> {
    await leaseLoop.stop();
    await written.close(flushMs);
    mirrors.close();
    idempotencyKeys.close();
    // Where it fails the lease lapses by itself.
    await store.endLease().catch(() => {});
    await tail.close();
  }

  /** What Redis does not know may be on its way there. */
  function known<Found>(found: Found | undefined): Found | undefined {
    if (found === undefined && leaseLoop.isHealing) throw storeAway();
    return found;
  }

  let closed: Promise<void> | undefined;
  return {
    isShared: true,
    get isReady() {
      return redis.isReady;
    },
    create(streamId, facts, listener) {
      idempotencyKeys.keep(streamId);
      return written.create(streamId, facts, listener);
    },
    async follow(streamId, after, reader) {
      const own = written.get(streamId)?.log.follow(after, reader);
      return own ?? known(await ask(mirrors.follow(streamId, after, reader)));
    },
    async find(streamId) {
      const own = written.get(streamId);
      if (own !== undefined) {
        const { lastId, isClosed } = own.log;
        return { subject: own.subject, lastId, isClosed };
      }
      const meta = known(await ask(store.readMeta(streamId)));
      if (meta === undefined) return undefined;
      const { subject, closedBy } = meta;
      const found = { subject, lastId: lastIdAt(meta.last), isClosed: closedBy !== "" };
      const isEndedElsewhere = closedBy === "lost" || closedBy === "cancelled";
      return isEndedElsewhere ? { ...found, isEndedElsewhere } : found;
    },
    claim: (key, streamId) => ask(idempotencyKeys.claim(key, streamId)),
    release: idempotencyKeys.release,
    async cancel(streamId) {
      const own = written.get(streamId);
      if (own !== undefined) return own.cancel();
      const meta = await ask(store.readMeta(streamId));
      if (meta?.closedBy === "") await ask(store.end(streamId, meta.relayId, "cancelled"));
    },
    async hasReadersElsewhere(streamId) {
      // They may be back at once; after the time of a lease they are cut off.
      return store.hasReaders(streamId).catch(() => !leaseLoop.isAwayForLong);
    },
    close: () => (closed ??= close()),
  };
}

async function ask<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (failure) {
    throw isRelayError(failure) ? failure : storeAway(failure);
  }
}

function monotonicMs(): number {
  return performance.now();
}
