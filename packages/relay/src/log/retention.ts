export interface RetentionOptions {
  /** How long each id stays, in milliseconds. */
  readonly retainMs: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
  /** Called for each id whose time has come; it is no longer held then. */
  readonly onExpired: (id: string) => void;
}

/**
 * Ids that each expire the same time after they were added. One timer for all: there is none while
 * nothing is held.
 */
export function createRetention({ retainMs, now, onExpired }: RetentionOptions) {
  // All stay equally long: who was added first expires first.
  const expiresAt = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function expire(): void {
    timer = undefined;
    for (const [id, at] of expiresAt) {
      if (at > now()) break;
      expiresAt.delete(id);
      onExpired(id);
    }
    schedule();
  }

  function schedule(): void {
    if (timer !== undefined) return;
    const [next] = expiresAt.values();
    if (next !== undefined) timer = setTimeout(expire, Math.max(0, next - now()));
  }

  function stopWhenEmpty(): void {
    if (expiresAt.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    /** Those that are held, the next to expire first. */
    ids: { [Symbol.iterator]: () => expiresAt.keys() },
    /** Holds `id` from now on; one that is held begins anew. */
    add(id: string): void {
      expiresAt.delete(id);
      expiresAt.set(id, now() + retainMs);
      schedule();
    },
    /** Nothing happens when the time of `id` comes. */
    delete(id: string): void {
      expiresAt.delete(id);
      stopWhenEmpty();
    },
    /** Forgets them all; the timer goes. */
    clear(): void {
      expiresAt.clear();
      stopWhenEmpty();
    },
  };
}
