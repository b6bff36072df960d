import { setTimeout as delay } from "node:timers/promises";

/** Time as the emulator sees it; a test passes its own to be independent of real time. */
export interface EmulatorClock {
  /** A reading in milliseconds that never goes back, as `performance.now()`. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects, leaving no timer, when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: EmulatorClock = {
  now: () => performance.now(),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
};
