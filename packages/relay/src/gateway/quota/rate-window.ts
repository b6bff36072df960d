/** How many requests may be sent in one minute, and what the upstream has let us know. */
export interface RateWindow {
  /** How long until a request may be sent, in milliseconds; 0 when one may be sent now. */
  waitMs(): number;
  /** Counts a request that is being sent now. */
  take(): void;
  /** Sends nothing for this long: the upstream said that it has had enough. */
  pause(ms: number): void;
}

export interface RateWindowOptions {
  readonly requestsPerMinute: number;
  /** Milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
}

const windowMs = 60_000;

/**
 * A bucket that starts full and gets each token back one minute after it was taken: a burst may
 * use all of it, and yet no minute, whenever it begins, sees more than `requestsPerMinute`. A
 * bucket that is filled at a steady rate would let twice as many through in its first minute.
 */
export function createRateWindow(options: RateWindowOptions): RateWindow {
  const { requestsPerMinute, now = () => performance.now() } = options;
  // When each of the last `requestsPerMinute` requests was sent; `next` is the oldest.
  const sentAt = new Float64Array(requestsPerMinute).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  return {
    waitMs() {
      const freeAt = (sentAt[next] ?? 0) + windowMs;
      return Math.max(0, freeAt - now(), pausedUntil - now());
    },
    take() {
      sentAt[next] = now();
      next = (next + 1) % requestsPerMinute;
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, now() + ms);
    },
  };
}
