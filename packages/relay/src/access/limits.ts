import { createHash } from "node:crypto";
import { RelayError } from "../errors.ts";

export interface SubjectLimitSettings {
  /** What each subject may ask in a minute that begins with its first request; 0 is no limit. */
  readonly requestsPerMinutePerSubject: number;
  /** Streams of each subject at once, in this process; 0 is no limit. */
  readonly maxStreamsPerSubject: number;
}

// More than any honest caller needs, each in this process.
const lookupsPerMinutePerSubject = 10_000;
const maxSocketsPerSubject = 1_000;
const maxReadersPerSubject = 10_000;

/** What each subject may have of the relay; no subject pays for another. */
export interface SubjectLimits {
  /**
   * Counts a request of `subject`, refused ones too.
   *
   * @throws RelayError `rate_limited`, saying when its minute is over.
   */
  countRequest(subject: string): Promise<void>;
  /**
   * Takes one of the places of `subject`. The returned function gives it back; safe to call twice.
   *
   * @throws RelayError `rate_limited` when every place is taken.
   */
  enterStream(subject: string): () => void;
  /** Counts a request to follow or cancel a stream, whether there is one or not. */
  countLookup(subject: string): Promise<void>;
  /** As `enterStream`, for a WebSocket. */
  enterSocket(subject: string): () => void;
  /** As `enterStream`, for a reader of a detached stream. */
  enterReader(subject: string): () => void;
}

/**
 * Limits of this process. With `countShared` requests are counted by all relays together; while that
 * fails each process counts for itself, from 0.
 */
export function createSubjectLimits(
  settings: SubjectLimitSettings,
  countShared?: RequestCounter,
): SubjectLimits {
  return {
    countRequest: createRateLimit("requests", settings.requestsPerMinutePerSubject, countShared),
    // In this process only: a lookup must not cost another round trip to Redis.
    countLookup: createRateLimit("lookups", lookupsPerMinutePerSubject),
    enterStream: createConcurrencyLimit("streams", settings.maxStreamsPerSubject),
    enterSocket: createConcurrencyLimit("sockets", maxSocketsPerSubject),
    enterReader: createConcurrencyLimit("readers", maxReadersPerSubject),
  };
}

function createRateLimit(
  name: "requests" | "lookups",
  quota: number,
  countShared?: RequestCounter,
): SubjectLimits["countRequest"] {
  if (quota === 0) return async () => {};
  const countHere = createMemoryCounter();
  const count: RequestCounter =
    countShared === undefined
      ? countHere
      : (...request) => countShared(...request).catch(() => countHere(...request));
  return async (subject) => {
    const counted = await count(keyOf(subject), 60_000);
    if (counted.count <= quota) return;
    // A minute that is all but over.
    const retryAfterMs = Math.max(1, counted.leftMs);
    // Rounded as Retry-After is, which must not end sooner.
    const seconds = Math.ceil(retryAfterMs / 1000);
    throw new RelayError(
      "rate_limited",
      `One caller's limit of ${name} a minute is ${quota}; try again in ${seconds} s.`,
      {
        retryAfterMs,
        headers: limitHeaders(name, `q=${quota};w=60`, `r=0;t=${seconds}`),
      },
    );
  };
}

function createConcurrencyLimit(
  name: "streams" | "sockets" | "readers",
  quota: number,
): SubjectLimits["enterStream"] {
  if (quota === 0) return () => () => {};
  const running = new Map<string, number>();
  return (subject) => {
    const count = running.get(subject) ?? 0;
    if (count >= quota) {
      const policy = `q=${quota};qu="concurrent-requests"`;
      throw new RelayError(
        "rate_limited",
        `One caller's limit of ${name} at once is ${quota}; try again when one of them has ended.`,
        { headers: limitHeaders(name, policy, "r=0") },
      );
    }
    running.set(subject, count + 1);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      const others = (running.get(subject) ?? 0) - 1;
      if (others > 0) running.set(subject, others);
      else running.delete(subject);
    };
  };
}

/**
 * A limit in the two header fields of draft-ietf-httpapi-ratelimit-headers-11, "RateLimit-Policy
 * Field" and "RateLimit Field". No partition key: it would reveal the subject.
 */
function limitHeaders(name: string, policy: string, rest: string): Record<string, string> {
  return { "RateLimit-Policy": `"${name}";${policy}`, RateLimit: `"${name}";${rest}` };
}

/** A hash of fixed length, so that the server's keys do not reveal the subject. */
function keyOf(subject: string): string {
  return createHash("sha256").update(subject).digest("base64url");
}

/** The requests of one key in a window that began with the first of them. */
export interface RequestCount {
  /** With this one. */
  readonly count: number;
  /** Until the window ends, in milliseconds. */
  readonly leftMs: number;
}

/** Counts one request of `key`; a window of `windowMs` begins with the first one. */
export type RequestCounter = (key: string, windowMs: number) => Promise<RequestCount>;

/** Counts the requests to this process. */
function createMemoryCounter(): RequestCounter {
  const windows = new Map<string, { count: number; readonly endsAt: number }>();
  return async (key, windowMs) => {
    let window = windows.get(key);
    if (window === undefined) {
      window = { count: 0, endsAt: Date.now() + windowMs };
      windows.set(key, window);
      setTimeout(() => windows.delete(key), windowMs).unref();
    }
    window.count += 1;
    return { count: window.count, leftMs: window.endsAt - Date.now() };
  };
}
