import type { StreamError } from "../stream-error.ts";

/** How often, and after which waits, a request is sent again. */
export interface RetrySettings {
  /**
   * How often it is tried again in a row; a new event begins another row. Undefined: a start five
   * times, and coming back to an answer for as long as the relay keeps it.
   */
  readonly limit: number | undefined;
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
  /** How long the stream has had no connection, in milliseconds; time offline does not count. */
  readonly lostForMs: number;
  /** How long the relay keeps the stream without a reader, in milliseconds. */
  readonly keptForMs: number;
  /** Whether the browser says that there is no network. */
  readonly isOffline: boolean;
  /** Whether the relay has called the headers unauthorized since the last new event. */
  readonly wasUnauthorized: boolean;
}

export interface NextConnection {
  readonly type: "restart" | "resume";
  /** `Infinity` while the browser is offline: until it is online, or somebody looks at the page. */
  readonly waitMs: number;
  /** Whether the relay has asked for the wait: then nothing shortens it. */
  readonly isOrdered: boolean;
}

/** How often a start is tried again unless it is said otherwise. */
const startLimit = 5;

export type Step = NextConnection | { readonly type: "give up" };

/**
 * What to do after `failure`. Until the first event the stream is started again; afterwards it is
 * only ever resumed: a second start would repeat and bill its text.
 *
 * @param random From 0 up to 1, for the jitter.
 */
export function nextStep(
  { hasBegun, canResume, retryCount, wasUnauthorized, lostForMs, keptForMs, isOffline }: Progress,
  { code, retryable, status, retryAfterMs = 0 }: StreamError,
  { limit, baseDelayMs, maxDelayMs }: RetrySettings,
  random: number,
): Step {
  const type = hasBegun ? "resume" : "restart";
  // A token may have expired on the way; at the start it has just been made.
  const isStale = hasBegun && code === "unauthorized" && !wasUnauthorized;
  // Headers that cannot be made may well be made later, and the answer is paid for.
  const mayPass = retryable || isStale || (hasBegun && code === "headers");
  const isTriedEnough =
    hasBegun && limit === undefined ? lostForMs >= keptForMs : retryCount >= (limit ?? startLimit);
  // Who has a status has a network.
  const isWaitingForNetwork = isOffline && status === undefined && limit !== 0;
  if (
    (hasBegun && !canResume) ||
    (isTriedEnough && !isWaitingForNetwork) ||
    !mayPass ||
    // The relay says that the stream is over.
    status === 204 ||
    // Rather told than waited for: the page knows better what its reader would like.
    retryAfterMs > maxDelayMs
  ) {
    return { type: "give up" };
  }
  if (isWaitingForNetwork) return { type, waitMs: Infinity, isOrdered: false };
  const longestMs = Math.min(maxDelayMs, baseDelayMs * 2 ** retryCount);
  return {
    type,
    waitMs: retryAfterMs + (isStale ? 0 : random * longestMs),
    isOrdered: retryAfterMs > 0,
  };
}
