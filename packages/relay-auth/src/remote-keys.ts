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

/** A key that its issuer has withdrawn is taken no longer than this. */
const renewAfterMs = 600_000;
/** While the set cannot be fetched, the last one serves, but not for good. */
const servesAtMostMs = 86_400_000;
/** Between two fetches, however many tokens name keys that are not in the set. */
const cooldownMs = 30_000;
/** Without any set nobody can be let in, so it is tried again sooner. */
const coldCooldownMs = 5_000;

/**
 * Keys that an issuer publishes. A key that is not known makes the set be fetched again, so that
 * issuers may change their keys while the relay runs.
 *
 * @returns a function that throws `overloaded` when the set is needed and cannot be fetched.
 */
export function createRemoteKeys(options: RemoteKeysOptions): JWTVerifyGetKey {
  const { url, now = () => performance.now(), timeoutMs = 5_000 } = options;
  // When to fetch is decided here: jose fetches for every request while the endpoint fails, and
  // drops a set that is ten minutes old although there is no newer one.
  const keySet = createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs,
    cooldownDuration: Number.POSITIVE_INFINITY,
    cacheMaxAge: Number.POSITIVE_INFINITY,
  });
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let mayFetchAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let fetching: Promise<void> | undefined;

  /** One fetch for all who need it, and none while it is too soon. Never rejects. */
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
    mayFetchAt = now() + (isUsable() ? cooldownMs : coldCooldownMs);
  }

  function isUsable(): boolean {
    return now() - fetchedAt < servesAtMostMs;
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
      // The key may be in the set that could not be fetched.
      throw failure === undefined ? error : cannotCheck(failure, mayFetchAt - now());
    }
  };
}
