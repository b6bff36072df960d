import { createHash } from "node:crypto";
import { RelayError } from "../errors.ts";

export interface SubjectLimitSettings {
  /** What each subject may ask in a minute that begins with its first request; 0 is no limit. */
  readonly requestsPerMinutePerSubject: number;
  /** Streams of each subject at once, in this process; 0 is no limit. */
  readonly maxStreamsPerSubject: number;
  /** Follow and cancel requests of each subject in a minute, in this process; 0 is no limit. */
  readonly lookupsPerMinutePerSubject: number;
  /** Open WebSockets of each subject, in this process; 0 is no limit. */
  readonly maxSocketsPerSubject: number;
  /** Readers of detached streams of each subject at once, in this process; 0 is no limit. */
  readonly maxReadersPerSubject: number;
}

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

const minuteSeconds = 60;

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
    countLookup: createRateLimit("lookups", settings.lookupsPerMinutePerSubject),
    enterStream: createConcurrencyLimit("streams", settings.maxStreamsPerSubject),
    enterSocket: createConcurrencyLimit("sockets", settings.maxSocketsPerSubject),
    enterReader: createConcurrencyLimit("readers", settings.maxReadersPerSubject),
  };
}

function createRateLimit(
  name: "requests" | "lookups",
  quota: number,
  countShared?: RequestCounter,
): SubjectLimits["countRequest"] {
  if (quota === 0) return async () => {};
  const policy: LimitPolicy = { name, quota, windowSeconds: minuteSeconds };
  const countHere = createMemoryCounter();
  const count: RequestCounter =
    countShared === undefined
      ? countHere
      : (...request) => countShared(...request).catch(() => countHere(...request));
  return async (subject) => {
    const counted = await count(keyOf(subject), minuteSeconds * 1_000);
    if (counted.count <= quota) return;
    // A minute that is all but over.
    const windowMs = Math.max(1, counted.leftMs);
    const seconds = Math.ceil(windowMs / 1000);
    throw new RelayError(
      "rate_limited",
      `One caller's limit of ${name} a minute is ${quota}; try again in ${seconds} s.`,
      { retryAfterMs: windowMs, headers: rateLimitHeaders(policy, { available: 0, windowMs }) },
    );
  };
}

function createConcurrencyLimit(
  name: "streams" | "sockets" | "readers",
  quota: number,
): SubjectLimits["enterStream"] {
  if (quota === 0) return () => () => {};
  const policy: LimitPolicy = { name, quota, unit: "concurrent-requests" };
  const running = new Map<string, number>();
  return (subject) => {
    const count = running.get(subject) ?? 0;
    if (count >= quota) {
      throw new RelayError(
        "rate_limited",
        `One caller's limit of ${name} at once is ${quota}; try again when one of them has ended.`,
        { headers: rateLimitHeaders(policy, { available: 0 }) },
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

/** A hash of fixed length, so that the server's keys do not reveal the subject. */
function keyOf(subject: string): string {
  return createHash("sha256").update(subject).digest("base64url");
}

/** What one limit allows: an item of `RateLimit-Policy`. */
export interface LimitPolicy {
  readonly name: "requests" | "lookups" | "streams" | "sockets" | "readers";
  /** How much is allowed. */
  readonly quota: number;
  /** What is counted. @defaultValue requests, those that come within `windowSeconds` */
  readonly unit?: "concurrent-requests";
  /** What a quota of requests lasts for, in seconds. */
  readonly windowSeconds?: number;
}

/** How much of a limit remains for a subject. */
export interface LimitState {
  readonly available: number;
  /** How long the remainder stays that low, in milliseconds; absent when unknown. */
  readonly windowMs?: number;
}

/**
 * A limit in the two header fields of draft-ietf-httpapi-ratelimit-headers-11, "RateLimit-Policy
 * Field" and "RateLimit Field". No partition key: it would reveal the subject.
 */
export function rateLimitHeaders(policy: LimitPolicy, state: LimitState): Record<string, string> {
  const { name, quota, unit, windowSeconds } = policy;
  const { available, windowMs } = state;
  return {
    "RateLimit-Policy": item(name, { q: quota, qu: unit, w: windowSeconds }),
    RateLimit: item(name, {
      r: available,
      // Rounded as Retry-After is, which must not end sooner.
      t: windowMs === undefined ? undefined : Math.ceil(windowMs / 1000),
    }),
  };
}

type ItemParameters = Readonly<Record<string, string | number | undefined>>;

/** An item with parameters: RFC 9651, "Serializing Structured Fields". */
function item(name: string, parameters: ItemParameters): string {
  const present = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return [
    JSON.stringify(name),
    ...present.map(([key, value]) => `${key}=${JSON.stringify(value)}`),
  ].join(";");
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
export function createMemoryCounter(): RequestCounter {
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
