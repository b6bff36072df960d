import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { cannotCheck } from "./refusals.ts";

export interface RemoteKeysOptions {
  /** Where the key set is published. */
  readonly url: URL;
  /** Milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
  /** For one fetch, its body included, in milliseconds. @defaultValue 5000 */
  readonly timeoutMs?: number;
}

/** The key set is fetched again after this time: the longest a withdrawn key is accepted. */
const renewAfterMs = 600_000;
/** While the set cannot be fetched, the last one is used for at most this time. */
const maxAgeMs = 86_400_000;
/** Minimum time between two fetches, however many tokens name unknown keys. */
const cooldownMs = 30_000;
/** The same while there is no usable set, when every request is refused. */
const retryAfterFailureMs = 5_000;

/**
 * The keys that an issuer publishes. An unknown key makes the set be fetched again, so that issuers
 * can rotate their keys while the relay runs.
 *
 * @returns a function that throws `overloaded` when the set is needed and cannot be fetched.
 */
export function createRemoteKeys(options: RemoteKeysOptions): JWTVerifyGetKey {
  const { url, now = () => performance.now(), timeoutMs = 5_000 } = options;
  // jose would fetch for every request while the endpoint fails, and would drop a set after ten
  // minutes although there is no newer one.
  const keySet = createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs,
    cooldownDuration: Number.POSITIVE_INFINITY,
    cacheMaxAge: Number.POSITIVE_INFINITY,
  });
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let mayFetchAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let fetching: Promise<void> | undefined;

  /** One fetch at a time, and none before the cooldown has passed. Never rejects. */
  async function renew(): Promise<void> {
    if (fetching === undefined && now() < mayFetchAt) return;
    fetching ??= fetchOnce().finally(() => {
      fetching = undefined;
    });
    await fetching;
  }

  async function fetchOnce(): Promise<void> {
    try {
      await keySet.reload();
      failure = undefined;
      fetchedAt = now();
    } catch (error) {
      failure = error;
    }
    mayFetchAt = now() + (isUsable() ? cooldownMs : retryAfterFailureMs);
  }

  function isUsable(): boolean {
    return now() - fetchedAt < maxAgeMs;
  }

  return async (header, token) => {
    if (now() - fetchedAt >= renewAfterMs) await renew();
    if (!isUsable()) throw cannotCheck(failure, mayFetchAt - now());
    try {
      return await keySet(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await renew();
    }
    try {
      return await keySet(header, token);
    } catch (error) {
      // The key may be in the newer set that could not be fetched.
      throw failure === undefined ? error : cannotCheck(failure, mayFetchAt - now());
    }
  };
}
