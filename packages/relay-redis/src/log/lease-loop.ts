export interface LeaseLoopOptions {
  /** How long a relay may be silent before its streams are declared lost, in milliseconds. */
  readonly leaseMs: number;
  /** What is done in each third of a lease, for all streams at once. It rejects while Redis is away. */
  readonly tick: () => Promise<void>;
}

export function startLeaseLoop({ leaseMs, tick }: LeaseLoopOptions) {
  const tickMs = leaseMs / 3;
  let awaySince: number | undefined = performance.now();
  /** When leases of others may not have been renewed though their relays are there. */
  let distrustedAt = -Infinity;
  let startedAt = -Infinity;
  let lastTimerAt = performance.now();
  let stoppedAt = -Infinity;
  let ticking: Promise<void> | undefined;
  let isTickDue = false;
  let isStopped = false;

  const isSlow = (): boolean => performance.now() - startedAt > tickMs;

  function noteIfStopped(): void {
    const now = performance.now();
    if (now - lastTimerAt > 2 * tickMs) stoppedAt = distrustedAt = now;
    lastTimerAt = now;
  }

  async function tickOnce(): Promise<void> {
    startedAt = performance.now();
    try {
      await tick();
      // An answer that took long may be about leases that were renewed while it was under way.
      if (awaySince !== undefined || isSlow()) distrustedAt = performance.now();
      awaySince = undefined;
    } catch {
      // The connection reports the reason.
      awaySince ??= performance.now();
    }
  }

  /** Not at the next tick, but now: Redis was lost, or is back. */
  function tickNow(): void {
    if (isStopped) return;
    isTickDue = ticking !== undefined;
    ticking ??= tickOnce().finally(() => {
      ticking = undefined;
      if (isTickDue) tickNow();
    });
  }

  const timer = setInterval(() => {
    noteIfStopped();
    tickNow();
  }, tickMs);

  return {
    tickNow,

    /** Whether Redis was away at the last tick. */
    get isAway(): boolean {
      return awaySince !== undefined;
    },

    /** Whether Redis has been away for longer than a lease. */
    get isAwayForLong(): boolean {
      return awaySince !== undefined && performance.now() - awaySince > leaseMs;
    },

    /**
     * Whether a lease that has lapsed means that its relay is gone. It does not right after Redis was
     * away or slow, or this process was stopped: others may not have renewed theirs either, and get the
     * time of a lease for it.
     */
    get isTrusted(): boolean {
      return awaySince === undefined && !isSlow() && startedAt - distrustedAt >= leaseMs;
    },

    /** Whether this process was stopped less than a lease ago: its streams may have been ended elsewhere. */
    get wasStopped(): boolean {
      // The timer may not have had its turn yet.
      noteIfStopped();
      return performance.now() - stoppedAt < leaseMs;
    },

    async stop(): Promise<void> {
      isStopped = true;
      clearInterval(timer);
      await ticking;
    },
  };
}
