import { setTimeout as delay } from "node:timers/promises";

import type { Emulator, EmulatorClock } from "../../packages/emulator/src/index.ts";

/** Time that can be held: an answer then stays in its middle for as long as a test needs. */
export interface HoldableClock extends EmulatorClock {
  hold(): void;
  release(): void;
}

/**
 * Its time is what was waited for, not what has passed: what is late, on a busy machine or after a hold,
 * would come all at once.
 */
export function createHoldableClock(): HoldableClock {
  let nowMs = 0;
  let held: Promise<void> | undefined;
  let release = (): void => {};
  return {
    now: () => nowMs,
    async wait(ms, signal) {
      const untilMs = nowMs + ms;
      await delay(ms, undefined, { signal });
      await held;
      signal.throwIfAborted();
      nowMs = Math.max(nowMs, untilMs);
    },
    hold() {
      held ??= new Promise((resolve) => {
        release = resolve;
      });
    },
    release() {
      held = undefined;
      release();
    },
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
