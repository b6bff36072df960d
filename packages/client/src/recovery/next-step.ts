import type { StreamError } from "../stream-error.ts";

/** How often, and after which waits, a request is retried. */
export interface RetrySettings {
  /**
   * The number of retries in a row; a new event resets it. Undefined: a start five times, and resuming
   * an answer for as long as the relay keeps it.
   */
  readonly limit: number | undefined;
  /** The longest first wait, in milliseconds; it doubles each time. */
  readonly baseDelayMs: number;
  /**
   * The longest wait of all, in milliseconds. If the relay asks for a longer one, the
   * client does not wait: the error has it as `retryAfterMs`.
   */
  readonly maxDelayMs: number;
}

/** The state of an answer, as far as retries depend on it. */
export interface Progress {
  /** Whether an event was received, or the stream was started before: then it is not started again. */
  hasBegun: boolean;
  /** Whether the relay keeps the stream for a reader that resumes. */
  canResume: boolean;
  /** Retries since the last new event. */
  retryCount: number;
  /** How long the relay keeps the stream without a reader, in milliseconds. */
  keptForMs: number;
  /** Whether the relay has refused with `unauthorized` since the last new event. */
  wasUnauthorized: boolean;
}

/** A connection that has ended without the terminal event. */
export interface Loss {
  readonly failure: StreamError;
  /** How long the stream has had no connection, in milliseconds; time offline does not count. */
  readonly lostForMs: number;
  /** Whether the browser says that there is no network. */
  readonly isOffline: boolean;
}

/** When to open the next connection. */
export interface NextConnection {
  /** `Infinity` while the browser is offline: until it is online, or the page becomes visible. */
  readonly waitMs: number;
  /** Whether the relay has requested the wait: then nothing shortens it. */
  readonly isOrdered: boolean;
}

/** Retries of a start without `limit`. */
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
  // A token may have expired since; at the start it is new.
  const isStale = hasBegun && code === "unauthorized" && !wasUnauthorized;
  // Headers that fail now may succeed later, and the answer is paid for.
  const mayPass = retryable || isStale || (hasBegun && code === "headers");
  const isTriedEnough =
    hasBegun && limit === undefined ? lostForMs >= keptForMs : retryCount >= (limit ?? startLimit);
  // A response with a status came over a network.
  const isWaitingForNetwork = isOffline && status === undefined && limit !== 0;
  if (
    (hasBegun && !canResume) ||
    (isTriedEnough && !isWaitingForNetwork) ||
    !mayPass ||
    // The relay says that the stream is over.
    status === 204 ||
    // The page decides what to do with a long wait.
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
