import type { RedisConnection } from "../../redis/redis-connection.ts";
import { lostEvent, terminalOf } from "./ending.ts";
import { comesAfter } from "./entry.ts";
import type { KeyClaims } from "./key-claims.ts";
import type { Mirror } from "./mirror.ts";
import type { Mirrors } from "./mirrors.ts";
import { storeAway } from "./store-away.ts";
import type { StreamMeta, StreamStore } from "./stream-store.ts";
import type { Tail } from "./tail.ts";
import type { WrittenStreams } from "./written-streams.ts";

export interface RhythmOptions {
  readonly redis: RedisConnection;
  readonly store: StreamStore;
  readonly claims: KeyClaims;
  readonly written: WrittenStreams;
  readonly mirrors: Mirrors;
  readonly tail: Tail;
  /** How long a relay may be silent before its streams are declared lost, in milliseconds. */
  readonly leaseMs: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

/** What a relay does again and again, for all its streams at once. */
export interface Rhythm {
  /** Not at the next beat, but now: Redis was lost, or is back. */
  hurry(isLost: boolean): void;
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
 * A beat in each third of a lease: renews the lease of this relay and what must not expire, and
 * looks whether the relays that write what is followed here are still there.
 *
 * A lapsed lease means nothing right after Redis was away: its relay could not renew it. So all get
 * the time of a lease first, whenever this relay has found Redis away or slow, or was stopped itself.
 */
export function startRhythm(options: RhythmOptions): Rhythm {
  const { redis, store, claims, written, mirrors, tail, leaseMs, now } = options;
  const beatMs = leaseMs / 3;
  let awaySince: number | undefined = now();
  let trustedFrom = Infinity;
  let wasLost = false;
  let lastTickAt = now();
  let stoppedAt = -Infinity;
  let isDataLost = false;
  const missingSince = new WeakMap<Mirror, number>();
  let beating: Promise<void> | undefined;
  let isHurried = false;
  let isStopped = false;

  async function beat(): Promise<void> {
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
      await claims.settle();
      written.renew(isBack || isDataLost);
      isDataLost = false;
      if (isBack) trustedFrom = now() + leaseMs;
      await lookAtAll();
      // An answer that took long may tell of leases that were renewed while it was under way.
      if (now() - startedAt > beatMs) trustedFrom = now() + leaseMs;
    } catch {
      // Why is told by the connection.
      noteLoss();
    }
  }

  function noteDataLoss(): void {
    isDataLost = true;
    wasLost = true;
    trustedFrom = Math.max(trustedFrom, now() + leaseMs);
  }

  /** Whoever was stopped itself may have been stopped together with the others. */
  function noteIfStopped(): void {
    const at = now();
    if (at - lastTickAt > 2 * beatMs) {
      stoppedAt = at;
      trustedFrom = Math.max(trustedFrom, at + leaseMs);
    }
    lastTickAt = at;
  }

  function noteLoss(): void {
    wasLost = true;
    awaySince ??= now();
  }

  async function lookAtAll(): Promise<void> {
    const startedAt = now();
    const open = mirrors.all.filter((mirror) => !mirror.isClosed);
    const followed = open.filter((mirror) => mirror.readers > 0);
    const relayIds = [...new Set(open.map(({ relayId }) => relayId))];
    const [leases, metas] = await Promise.all([
      Promise.all(relayIds.map(store.hasLease)),
      Promise.all(open.map(({ streamId }) => store.readMeta(streamId))),
      ...followed.map(mirrors.announce),
    ]);
    if (now() - startedAt > beatMs || startedAt < trustedFrom) return;
    const alive = new Set(relayIds.filter((_, index) => leases[index]));
    await Promise.all(
      open.map((mirror, index) => look(mirror, metas[index], alive.has(mirror.relayId))),
    );
  }

  async function look(
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
    if (comesAfter(mirror.place, meta.last)) mirrors.read(streamId);
    if (meta.closedBy === "") {
      if (!isWriterAlive) await store.end(streamId, relayId, "lost");
    } else if (!comesAfter(mirror.place, meta.last)) {
      // A Redis that lost data ended before the place that was read here: nothing comes any more.
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

  function beatNow(): void {
    isHurried = beating !== undefined;
    if (isHurried || isStopped) return;
    beating = beat().finally(() => {
      beating = undefined;
      if (isHurried) beatNow();
    });
  }

  const isAwayForLong = (): boolean => awaySince !== undefined && now() - awaySince > leaseMs;
  const timer = setInterval(() => {
    noteIfStopped();
    beatNow();
  }, beatMs);
  beatNow();
  const stopping = new AbortController();
  void redis.whenReady(stopping.signal).then(beatNow);

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
      beatNow();
    },
    hurry(isLost) {
      if (isLost) noteLoss();
      beatNow();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      stopping.abort();
      await beating;
    },
  };
}
