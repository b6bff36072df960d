import type { RateLimitUsage } from "../dialects/dialect.ts";

const windowMs = 60_000;

/** Counts requests minute by minute; a window begins with its first request. */
export interface RateWindow {
  /** Counts a request; the usage includes it. */
  count(): RateLimitUsage;
  forget(): void;
}

export function createRateWindow(allowed: number, now: () => number): RateWindow {
  let count = 0;
  let resetsAt = 0;

  return {
    count() {
      const time = now();
      if (count === 0 || time >= resetsAt) {
        count = 0;
        resetsAt = time + windowMs;
      }
      count += 1;
      // The sum and the difference of fractions may be a little more than the window.
      const resetsInMs = Math.min(windowMs, resetsAt - time);
      return { count, allowed, resetSeconds: Math.ceil(resetsInMs / 1000) };
    },
    forget() {
      count = 0;
    },
  };
}
