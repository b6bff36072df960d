import { setTimeout as delay } from "node:timers/promises";

import type { Emulator, EmulatorClock } from "../../packages/emulator/src/index.ts";

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

/**
 * Holds `clock` when the answer that is asked for next has this many characters, however slow the
 * page is: call it before the question, await it after.
 */
export async function holdInAnswer(
  emulator: Emulator,
  clock: HoldableClock,
  length: number,
): Promise<void> {
  await emulator.waitFor(
    ({ kind, state, sentText }) => kind === "chat" && state === "open" && sentText.length >= length,
  );
  clock.hold();
}
