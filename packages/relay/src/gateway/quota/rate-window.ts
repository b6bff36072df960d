/** A wrong `Retry-After` must not stop the relay for long, in milliseconds. */
export const maxPauseMs = 60_000;

const windowMs = 60_000;

/**
 * A bucket that starts full and gets each token back one minute after its request was sent: a burst
 * may use all of it, and yet no minute, whenever it begins, sees more than `requestsPerMinute`. A
 * bucket that is filled at a steady rate would let twice as many through in its first minute.
 */
export function createRateWindow(
  requestsPerMinute: number,
  now: () => number = () => performance.now(),
) {
  // When each of the last `requestsPerMinute` requests was sent; `next` is the oldest.
  const sentAt = new Float64Array(requestsPerMinute).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  let reserved = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  return {
    /** How long until one more request is allowed, in milliseconds; 0 when it is allowed now. */
    waitMs(): number {
      // Reserved requests may all be sent now; when none has been sent, a minute is the minimum.
      const oldest =
        reserved < requestsPerMinute ? sentAt[(next + reserved) % requestsPerMinute] : now();
      const freeAt = (oldest ?? 0) + windowMs;
      return Math.max(0, freeAt - now(), pausedUntil - now());
    },
    /** Reserves a slot for a request that will be sent soon. */
    reserve(): void {
      reserved += 1;
    },
    /** Counts a request that has a slot and is being sent now. */
    send(): void {
      reserved -= 1;
      sentAt[next] = now();
      next = (next + 1) % requestsPerMinute;
    },
    /** Returns the slot of a request that will not be sent. */
    release(): void {
      reserved -= 1;
    },
    /** Sends nothing for this long, a minute at most: the upstream reported a rate limit. */
    pause(ms: number): void {
      pausedUntil = Math.max(pausedUntil, now() + Math.min(ms, maxPauseMs));
    },
  };
}
