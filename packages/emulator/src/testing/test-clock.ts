import type { EmulatorClock } from "../clock.ts";

export interface TestClock extends EmulatorClock {
  /** The waits asked for, in milliseconds and in order. */
  readonly waitsMs: readonly number[];
  /** How many waits are going on. */
  pendingCount(): number;
  advance(ms: number): void;
}

/** Time that passes only by being waited for; after `freezeAfter` waits it stands still. */
export function createTestClock({ freezeAfter = Infinity } = {}): TestClock {
  const waitsMs: number[] = [];
  let time = 1000;
  let pending = 0;

  return {
    waitsMs,
    now: () => time,
    pendingCount: () => pending,
    advance(ms) {
      time += ms;
    },
    async wait(ms, signal) {
      signal.throwIfAborted();
      waitsMs.push(ms);
      if (waitsMs.length <= freezeAfter) {
        time += ms;
        return;
      }
      pending += 1;
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      }).finally(() => {
        pending -= 1;
      });
    },
  };
}
