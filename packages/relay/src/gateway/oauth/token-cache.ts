import { untilAborted } from "./until-aborted.ts";

export interface AccessToken {
  readonly value: string;
  readonly expiresInMs: number;
}

export interface TokenCacheOptions {
  /** Gets a token; the cache calls it for everybody at once. */
  readonly fetchToken: () => Promise<AccessToken>;
  /** Milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
  /** A number from 0 up to 1. @defaultValue `Math.random` */
  readonly random?: () => number;
}

export interface TokenCache {
  /** A token that is not about to expire. */
  get(signal: AbortSignal): Promise<string>;
  /** Forgets `token` after the gateway has refused it; a newer one stays. */
  reject(token: string): void;
}

/** A token is renewed at about this part of its life, and at least this early. */
const renewAt = 0.9;
const renewAtLeastMs = 5_000;
const jitter = 0.05;
/** After a renewal that failed, in milliseconds. */
const renewAgainMs = 1_000;

interface Held {
  readonly value: string;
  readonly renewAfter: number;
  readonly expiresAt: number;
}

/**
 * One token for all: any number of callers share one fetch, and a token near its end is renewed in
 * the background while it still serves. A caller that leaves does not disturb the others' fetch.
 */
export function createTokenCache(options: TokenCacheOptions): TokenCache {
  const { fetchToken, now = () => performance.now(), random = Math.random } = options;
  let held: Held | undefined;
  let fetching: Promise<string> | undefined;

  function fetchOnce(): Promise<string> {
    fetching ??= fetchToken()
      .then(({ value, expiresInMs }) => {
        held = { value, ...lifetime(expiresInMs, now(), random()) };
        return value;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  }

  return {
    async get(signal) {
      if (held === undefined || now() >= held.expiresAt) {
        return await untilAborted(fetchOnce(), signal);
      }
      if (now() >= held.renewAfter) {
        const { value } = held;
        fetchOnce().catch(() => {
          // It still serves; whoever comes after its end hears of the failure.
          if (held?.value === value) held = { ...held, renewAfter: now() + renewAgainMs };
        });
      }
      return held.value;
    },
    reject(token) {
      if (held?.value === token) held = undefined;
    },
  };
}

/** A life too short for the usual margin is used up to its half, then renewed. */
function lifetime(expiresInMs: number, now: number, chance: number): Omit<Held, "value"> {
  const marginMs = Math.max(expiresInMs * (1 - renewAt), renewAtLeastMs);
  const usableMs = Math.max(expiresInMs - marginMs, expiresInMs / 2);
  return {
    renewAfter: now + usableMs * (1 - jitter * chance),
    // A request needs a moment to arrive: the last part of a life is never used.
    expiresAt: now + (expiresInMs + usableMs) / 2,
  };
}
