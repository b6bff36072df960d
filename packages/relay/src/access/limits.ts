import { createHash } from "node:crypto";
import { RelayError } from "../errors.ts";

export interface SubjectLimitSettings {
  /** What each subject may ask in a minute that begins with its first request; 0 is no limit. */
  readonly requestsPerMinutePerSubject: number;
  /** Streams of each subject at once, in this process; 0 is no limit. */
  readonly maxStreamsPerSubject: number;
  /** What each subject's answers may cost in a minute and in a day that begin with the first; 0 is no limit. */
  readonly tokensPerMinutePerSubject: number;
  readonly tokensPerDayPerSubject: number;
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
   * @throws RelayError `rate_limited`, saying when its minute is over, or when it may spend tokens again.
   */
  countRequest(subject: string): Promise<void>;
  /** Counts what an answer has cost. */
  countTokens(subject: string, tokens: number): void;
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
  const { requestsPerMinutePerSubject, tokensPerMinutePerSubject, tokensPerDayPerSubject } =
    settings;
  const countRequest = createRateLimit("requests", requestsPerMinutePerSubject, countShared);
  const budgets = [
    createBudget("minute", tokensPerMinutePerSubject, countShared),
    createBudget("day", tokensPerDayPerSubject, countShared),
  ].filter((budget) => budget !== undefined);
  return {
    async countRequest(subject) {
      await countRequest(subject);
      await Promise.all(budgets.map(({ check }) => check(subject)));
    },
    countTokens(subject, tokens) {
      for (const budget of budgets) budget.spend(subject, tokens);
    },
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
  const count = sharedOrHere(countShared);
  return async (subject) => {
    const counted = await count({
      kind: "requests",
      key: keyOf(subject),
      windowMs: 60_000,
      add: 1,
    });
    if (counted.count > quota) throw usedUp(name, "minute", quota, counted);
  };
}

const windowsMs = { minute: 60_000, day: 86_400_000 };

/** What a subject's answers may cost: it is known afterwards, so the answer that uses it up is given. */
function createBudget(window: "minute" | "day", quota: number, countShared?: RequestCounter) {
  if (quota === 0) return undefined;
  const count = sharedOrHere(countShared);
  const spend = (subject: string, add: number): Promise<RequestCount> =>
    count({ kind: `tokens-${window}`, key: keyOf(subject), windowMs: windowsMs[window], add });
  return {
    async check(subject: string) {
      const counted = await spend(subject, 0);
      if (counted.count >= quota) throw usedUp("tokens", window, quota, counted);
    },
    spend(subject: string, tokens: number) {
      void spend(subject, tokens);
    },
  };
}

function usedUp(
  name: "requests" | "lookups" | "tokens",
  window: "minute" | "day",
  quota: number,
  { leftMs }: RequestCount,
): RelayError {
  // A window that is all but over.
  const retryAfterMs = Math.max(1, leftMs);
  // Rounded as Retry-After is, which must not end sooner.
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new RelayError(
    "rate_limited",
    `One caller's limit of ${name} a ${window} is ${quota}; try again in ${seconds} s.`,
    {
      retryAfterMs,
      headers: limitHeaders(name, `q=${quota};w=${windowsMs[window] / 1000}`, `r=0;t=${seconds}`),
    },
  );
}

/** Counts in all relays together, and here alone while that fails. */
function sharedOrHere(countShared: RequestCounter | undefined): RequestCounter {
  const countHere = createMemoryCounter();
  return countShared === undefined
    ? countHere
    : (counted) => countShared(counted).catch(() => countHere(counted));
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

/** What is counted in a window, and for whom. */
export interface Counted {
  readonly kind: "requests" | "tokens-minute" | "tokens-day";
  /** A hash of the subject. */
  readonly key: string;
  /** It begins with the first that is counted. */
  readonly windowMs: number;
  /** 0 only asks. */
  readonly add: number;
}

/** What was counted of one key in a window that began with the first of it. */
export interface RequestCount {
  /** With what was added now. */
  readonly count: number;
  /** Until the window ends, in milliseconds. */
  readonly leftMs: number;
}

export type RequestCounter = (counted: Counted) => Promise<RequestCount>;

/** Counts in this process. */
function createMemoryCounter(): RequestCounter {
  const windows = new Map<string, { count: number; readonly endsAt: number }>();
  return async ({ kind, key, windowMs, add }) => {
    const name = `${kind}:${key}`;
    let window = windows.get(name);
    if (window === undefined) {
      if (add === 0) return { count: 0, leftMs: windowMs };
      window = { count: 0, endsAt: Date.now() + windowMs };
      windows.set(name, window);
      setTimeout(() => windows.delete(name), windowMs).unref();
    }
    window.count += add;
    return { count: window.count, leftMs: window.endsAt - Date.now() };
  };
}
