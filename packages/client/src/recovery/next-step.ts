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

/** What has become of an answer so far. */
export interface Progress {
  /** Whether any event has come, or the stream was started before: then it is not started again. */
  hasBegun: boolean;
  /** Whether the relay keeps the stream for those who come back. */
  canResume: boolean;
  /** How often it was tried again since the last new event. */
  retryCount: number;
  /** How long the relay keeps the stream without a reader, in milliseconds. */
  keptForMs: number;
  /** Whether the relay has called the headers unauthorized since the last new event. */
  wasUnauthorized: boolean;
}

/** What is so when a connection has ended without the terminal event. */
export interface Loss {
  readonly failure: StreamError;
  /** How long the stream has had no connection, in milliseconds; time offline does not count. */
  readonly lostForMs: number;
  /** Whether the browser says that there is no network. */
  readonly isOffline: boolean;
}

/** When the next connection is to be opened. */
export interface NextConnection {
  /** `Infinity` while the browser is offline: until it is online, or somebody looks at the page. */
  readonly waitMs: number;
  /** Whether the relay has asked for the wait: then nothing shortens it. */
  readonly isOrdered: boolean;
}

/** How often a start is tried again unless it is said otherwise. */
const startLimit = 5;

/**
 * When to try again after a loss; undefined for not at all. Until the first event the stream is
 * started again; afterwards it is only ever resumed: a second start would repeat and bill its text.
 *
 * @param random From 0 up to 1, for the jitter.
 */
export function nextStep(
  { hasBegun, canResume, retryCount, wasUnauthorized, keptForMs }: Readonly<Progress>,
  { failure, lostForMs, isOffline }: Loss,
  { limit, baseDelayMs, maxDelayMs }: RetrySettings,
  random: number,
): NextConnection | undefined {
  const { code, retryable, status, retryAfterMs = 0 } = failure;
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
    return undefined;
  }
  if (isWaitingForNetwork) return { waitMs: Infinity, isOrdered: false };
  const longestMs = Math.min(maxDelayMs, baseDelayMs * 2 ** retryCount);
  return {
    waitMs: retryAfterMs + (isStale ? 0 : random * longestMs),
    isOrdered: retryAfterMs > 0,
  };
}
