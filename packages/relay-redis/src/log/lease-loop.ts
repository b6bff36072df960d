import type { RedisConnection } from "../connection/redis-connection.ts";
import { lostEvent, terminalOf } from "./ending.ts";
import { comesAfter } from "./entry.ts";
import type { IdempotencyKeys } from "./idempotency-keys.ts";
import type { Mirror } from "./mirror.ts";
import type { Mirrors } from "./mirrors.ts";
import { storeAway } from "./store-away.ts";
import type { StreamMeta, StreamStore } from "./stream-store.ts";
import type { Tail } from "./tail.ts";
import type { WrittenStreams } from "./written-streams.ts";

export interface LeaseLoopOptions {
  readonly redis: RedisConnection;
  readonly store: StreamStore;
  readonly idempotencyKeys: IdempotencyKeys;
  readonly written: WrittenStreams;
  readonly mirrors: Mirrors;
  readonly tail: Tail;
  /** How long a relay may be silent before its streams are declared lost, in milliseconds. */
  readonly leaseMs: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

/** What a relay does again and again, for all its streams at once. */
export interface LeaseLoop {
  /** Not at the next tick, but now: Redis was lost, or is back. */
  tickNow(isLost: boolean): void;
  /** Whether Redis has been away for longer than a lease. */
  readonly isAwayForLong: boolean;
  /** Whether other relays may not have had the time to bring Redis what it lost. */
  readonly isHealing: boolean;
  /** Redis answers, and has lost its data. */
  noteDataLoss(): void;
  /** Whether this process was stopped less than a lease ago: its streams may have been ended elsewhere. */
  readonly wasStopped: boolean;
  stop(): Promise<void>;
}

/**
 * A tick in each third of a lease: renews the lease of this relay and what must not expire, and
 * checks whether the relays that write what is followed here are still there.
 *
 * A lapsed lease means nothing right after Redis was away: its relay could not renew it. So all get
 * the time of a lease first, whenever this relay has found Redis away or slow, or was stopped itself.
 */
export function startLeaseLoop(options: LeaseLoopOptions): LeaseLoop {
  const { redis, store, idempotencyKeys, written, mirrors, tail, leaseMs, now } = options;
  const tickMs = leaseMs / 3;
  let awaySince: number | undefined = now();
  let trustedFrom = Infinity;
  let wasLost = false;
  let lastTimerAt = now();
  let stoppedAt = -Infinity;
  let isDataLost = false;
  const missingSince = new WeakMap<Mirror, number>();
  let ticking: Promise<void> | undefined;
  let isTickDue = false;
  let isStopped = false;

  async function tick(): Promise<void> {
    const startedAt = now();
    tail.retry();
    mirrors.dropIdle();
    if (!redis.isReady) written.lose();
    if (!redis.isReady || !tail.isReady) {
      awaySince ??= startedAt;
      cutUnfilled();
    }
    if (!redis.isReady) return;
    const isBack = awaySince !== undefined && tail.isReady;
    // Before anything is awaited: it may be lost again meanwhile.
    if (isBack) {
      awaySince = undefined;
      trustedFrom = Infinity;
    }
    try {
      if (await store.renewLease()) noteDataLoss();
      await idempotencyKeys.settle();
      written.renew(isBack || isDataLost);
      isDataLost = false;
      if (isBack) trustedFrom = now() + leaseMs;
      await checkMirrors();
      // An answer that took long may be about leases that were renewed while it was under way.
      if (now() - startedAt > tickMs) trustedFrom = now() + leaseMs;
    } catch {
      // The connection reports the reason.
      noteLoss();
    }
  }

  function noteDataLoss(): void {
    isDataLost = true;
    wasLost = true;
    trustedFrom = Math.max(trustedFrom, now() + leaseMs);
  }

  /** A relay that was stopped itself may have been stopped together with the others. */
  function noteIfStopped(): void {
    const at = now();
    if (at - lastTimerAt > 2 * tickMs) {
      stoppedAt = at;
      trustedFrom = Math.max(trustedFrom, at + leaseMs);
    }
    lastTimerAt = at;
  }

  function noteLoss(): void {
    wasLost = true;
    awaySince ??= now();
  }

  async function checkMirrors(): Promise<void> {
    const startedAt = now();
    const open = mirrors.all.filter((mirror) => !mirror.isClosed);
    const followed = open.filter((mirror) => mirror.readers > 0);
    const relayIds = [...new Set(open.map(({ relayId }) => relayId))];
    const [leases, metas] = await Promise.all([
      Promise.all(relayIds.map(store.hasLease)),
      Promise.all(open.map(({ streamId }) => store.readMeta(streamId))),
      ...followed.map(mirrors.announce),
    ]);
    if (now() - startedAt > tickMs || startedAt < trustedFrom) return;
    const alive = new Set(relayIds.filter((_, index) => leases[index]));
    await Promise.all(
      open.map((mirror, index) => checkMirror(mirror, metas[index], alive.has(mirror.relayId))),
    );
  }

  async function checkMirror(
    mirror: Mirror,
    meta: StreamMeta | undefined,
    isWriterAlive: boolean,
  ): Promise<void> {
    const { streamId, relayId } = mirror;
    if (mirror.isClosed) return;
    if (meta === undefined) {
      // Redis has lost it. A writer that is alive brings it again.
      const since = missingSince.get(mirror) ?? now();
      missingSince.set(mirror, since);
      if (!isWriterAlive || now() - since > leaseMs) mirror.end(lostEvent(streamId));
      return;
    }
    missingSince.delete(mirror);
    // A notification was missed.
    if (comesAfter(mirror.cursor, meta.last)) mirrors.read(streamId);
    if (meta.closedBy === "") {
      if (!isWriterAlive) await store.end(streamId, relayId, "lost");
    } else if (!comesAfter(mirror.cursor, meta.last)) {
      // A Redis that lost data ended before the cursor of this relay: nothing comes any more.
      mirror.end(terminalOf(meta.closedBy === "cancelled" ? "cancelled" : "lost", streamId));
    }
  }

  /** Those to which Redis has brought nothing for the time of a lease. */
  function cutUnfilled(): void {
    if (!isAwayForLong()) return;
    for (const mirror of mirrors.all) {
      if (now() - mirror.openedAt > leaseMs && !mirror.isClosed) mirrors.cut(mirror, storeAway());
    }
  }

  function tickNow(): void {
    isTickDue = ticking !== undefined;
    if (isTickDue || isStopped) return;
    ticking = tick().finally(() => {
      ticking = undefined;
      if (isTickDue) tickNow();
    });
  }

  const isAwayForLong = (): boolean => awaySince !== undefined && now() - awaySince > leaseMs;
  const timer = setInterval(() => {
    noteIfStopped();
    tickNow();
  }, tickMs);
  tickNow();
  const stopping = new AbortController();
  void redis.whenReady(stopping.signal).then(tickNow);

  return {
    get isAwayForLong() {
      return isAwayForLong();
    },
    get isHealing() {
      return wasLost && (awaySince !== undefined || now() < trustedFrom);
    },
    get wasStopped() {
      // The timer may not have had its turn yet.
      noteIfStopped();
      return now() - stoppedAt < leaseMs;
    },
    noteDataLoss() {
      noteDataLoss();
      tickNow();
    },
    tickNow(isLost) {
      if (isLost) noteLoss();
      tickNow();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      stopping.abort();
      await ticking;
    },
  };
}
