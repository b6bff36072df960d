/** How fast tokens come. Times are milliseconds on any clock that only goes forward. */
export interface Pace {
  readonly tokenCount: number;
  /** From asking to the first token; undefined until it has come. */
  readonly firstTokenMs: number | undefined;
  count(atMs: number): void;
  /** Tokens a second from the first token to the last; undefined as long as there is no telling. */
  tokensPerSecond(): number | undefined;
  /** Tokens a second in each slot of time from asking until now, the newest last. */
  history(nowMs: number): readonly number[];
}

const slotMs = 250;
const maxSlots = 120;

/** Begins to measure at `askedAtMs`. The history is the last half minute, whatever the answer's length. */
export function createPace(askedAtMs: number): Pace {
  let tokenCount = 0;
  let firstAtMs = 0;
  let lastAtMs = 0;
  /** Tokens of each slot that has any. */
  const slots = new Map<number, number>();
  const slotAt = (atMs: number): number => Math.floor((atMs - askedAtMs) / slotMs);

  return {
    get tokenCount() {
      return tokenCount;
    },
    get firstTokenMs() {
      return tokenCount === 0 ? undefined : firstAtMs - askedAtMs;
    },
    count(atMs) {
      if (tokenCount === 0) firstAtMs = atMs;
      lastAtMs = atMs;
      tokenCount += 1;
      const slot = slotAt(atMs);
      slots.set(slot, (slots.get(slot) ?? 0) + 1);
      for (const old of slots.keys()) {
        if (old > slot - maxSlots) break;
        slots.delete(old);
      }
    },
    tokensPerSecond() {
      const seconds = (lastAtMs - firstAtMs) / 1000;
      // A handful of tokens that came together has no pace.
      return seconds > 0.05 ? (tokenCount - 1) / seconds : undefined;
    },
    history(nowMs) {
      const last = slotAt(nowMs);
      const length = Math.min(last + 1, maxSlots);
      return Array.from({ length }, (_, index) => {
        const count = slots.get(last - length + 1 + index) ?? 0;
        return (count * 1000) / slotMs;
      });
    },
  };
}
