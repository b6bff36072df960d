import { setTimeout as delay } from "node:timers/promises";

import type { EmulatorClock } from "../../packages/emulator/src/index.ts";

/** Time that can be held: an answer then stays in its middle for as long as a test needs. */
export interface HoldableClock extends EmulatorClock {
  hold(): void;
  release(): void;
}

export function createHoldableClock(): HoldableClock {
  let held: { readonly sinceMs: number; readonly end: Promise<void> } | undefined;
  let lostMs = 0;
  let release = (): void => {};
  return {
    // It stands still too: else what is late after a hold would come all at once.
    now: () => (held?.sinceMs ?? performance.now()) - lostMs,
    async wait(ms, signal) {
      await delay(ms, undefined, { signal });
      await held?.end;
      signal.throwIfAborted();
    },
    hold() {
      if (held) return;
      const sinceMs = performance.now();
      const end = new Promise<void>((resolve) => {
        release = () => {
          lostMs += performance.now() - sinceMs;
          held = undefined;
          release = () => {};
          resolve();
        };
      });
      held = { sinceMs, end };
    },
    release: () => release(),
  };
}
