import type { StreamError } from "./stream-error.ts";

/** How often, and after which waits, a request is sent again. */
export interface RetrySettings {
  /** How often it is tried again in a row; a new event begins another row. */
  readonly limit: number;
  /** The longest first wait, in milliseconds; it doubles each time. */
  readonly baseDelayMs: number;
  /**
   * The longest wait of all, in milliseconds. A relay that asks for a longer one is not waited for:
   * the error tells it as `retryAfterMs`.
   */
  readonly maxDelayMs: number;
}

/** What has become of a stream until a connection ended without its terminal event. */
export interface Progress {
  /** Whether any event has come, or the stream was started before: then it is not started again. */
  readonly hasBegun: boolean;
  /** Whether the relay keeps the stream for those who come back. */
  readonly canResume: boolean;
  /** How often it was tried again since the last new event. */
  readonly retryCount: number;
  /** Whether the relay has called the headers unauthorized since the last new event. */
  readonly wasUnauthorized: boolean;
}

export interface NextConnection {
  readonly type: "restart" | "resume";
  readonly waitMs: number;
  /** Whether the relay has asked for the wait: then nothing shortens it. */
  readonly isOrdered: boolean;
}

export type Step = NextConnection | { readonly type: "give up" };

/**
 * What to do after `failure`. Until the first event the stream is started again; afterwards it is
 * only ever resumed: a second start would repeat and bill its text.
 *
 * @param random From 0 up to 1, for the jitter.
 */
export function nextStep(
  { hasBegun, canResume, retryCount, wasUnauthorized }: Progress,
  { code, retryable, status, retryAfterMs = 0 }: StreamError,
  { limit, baseDelayMs, maxDelayMs }: RetrySettings,
  random: number,
): Step {
  // A token may have expired on the way; at the start it has just been made.
  const isStale = hasBegun && code === "unauthorized" && !wasUnauthorized;
  if (
    (hasBegun && !canResume) ||
    retryCount >= limit ||
    !(retryable || isStale) ||
    // The relay says that the stream is over.
    status === 204 ||
    // Rather told than waited for: the page knows better what its reader would like.
    retryAfterMs > maxDelayMs
  ) {
    return { type: "give up" };
  }
  const longestMs = Math.min(maxDelayMs, baseDelayMs * 2 ** retryCount);
  return {
    type: hasBegun ? "resume" : "restart",
    waitMs: retryAfterMs + (isStale ? 0 : random * longestMs),
    isOrdered: retryAfterMs > 0,
  };
}
