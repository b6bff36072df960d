import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { deferred, type Deferred } from "../../testing/deferred.ts";
import { createTokenCache, type AccessToken } from "./oauth.ts";

/** A cache whose clock and token endpoint are in the test's hands. */
function cacheUnderTest({ random = 0 } = {}) {
  const fetches: Deferred<AccessToken>[] = [];
  let time = 0;
  const cache = createTokenCache({
    fetchToken() {
      const fetch = deferred<AccessToken>();
      fetches.push(fetch);
      return fetch.promise;
    },
    now: () => time,
    random: () => random,
  });
  return {
    ...cache,
    /** A caller that stays. */
    get: async (signal = new AbortController().signal) => cache.get({ signal }),
    fetches,
    passTo(ms: number) {
      time = ms;
    },
    /** Answers the newest fetch. */
    async give(value: string, expiresInMs = 100_000) {
      fetches.at(-1)?.resolve({ value, expiresInMs });
      // The cache holds the token once the promises between have run.
      await new Promise(setImmediate);
    },
    async fail(failure: Error) {
      fetches.at(-1)?.reject(failure);
      await new Promise(setImmediate);
    },
  };
}

/** A cache that holds the token "first", alive for 100 s. */
async function warmCache(options?: { random?: number }) {
  const cache = cacheUnderTest(options);
  const got = cache.get();
  await cache.give("first");
  await got;
  return cache;
}

test("no token storm: fifty callers of a cold cache share one fetch", async () => {
  const cache = cacheUnderTest();
  const callers = Array.from({ length: 50 }, () => cache.get());
  await cache.give("first");
  expect(new Set(await Promise.all(callers))).toEqual(new Set(["first"]));
  expect(cache.fetches).toHaveLength(1);
});

test("a token serves until it is near its end", async () => {
  const cache = await warmCache();
  cache.passTo(89_999);
  await expect(cache.get()).resolves.toBe("first");
  expect(cache.fetches).toHaveLength(1);
});

test("no token storm at expiry: one renewal in the background while the old token serves", async () => {
  const cache = await warmCache();
  cache.passTo(90_000);
  const callers = Array.from({ length: 50 }, () => cache.get());
  expect(new Set(await Promise.all(callers))).toEqual(new Set(["first"]));
  expect(cache.fetches).toHaveLength(2);
  await cache.give("second");
  await expect(cache.get()).resolves.toBe("second");
  expect(cache.fetches).toHaveLength(2);
});

test("relays renew a little apart: up to a twentieth earlier", async () => {
  const cache = await warmCache({ random: 1 });
  cache.passTo(85_499);
  await cache.get();
  expect(cache.fetches).toHaveLength(1);
  cache.passTo(85_500);
  await cache.get();
  expect(cache.fetches).toHaveLength(2);
});

test("the last part of a life is never used: callers wait for a new token", async () => {
  const cache = await warmCache();
  cache.passTo(95_000);
  const got = cache.get();
  await cache.give("second");
  await expect(got).resolves.toBe("second");
});

test("a failed renewal affects no caller while the old token is valid, and is retried a little later", async () => {
  const cache = await warmCache();
  cache.passTo(90_000);
  await expect(cache.get()).resolves.toBe("first");
  await cache.fail(new Error("down"));
  await expect(cache.get()).resolves.toBe("first");
  expect(cache.fetches).toHaveLength(2);
  cache.passTo(91_000);
  await expect(cache.get()).resolves.toBe("first");
  expect(cache.fetches).toHaveLength(3);
  await cache.give("second");
  await expect(cache.get()).resolves.toBe("second");
});

test("a renewal that outlasts the old token is waited for, not repeated", async () => {
  const cache = await warmCache();
  cache.passTo(90_000);
  await cache.get();
  cache.passTo(100_000);
  const got = cache.get();
  expect(cache.fetches).toHaveLength(2);
  await cache.give("second");
  await expect(got).resolves.toBe("second");
});

test("a short life is used to its half, then renewed", async () => {
  const cache = cacheUnderTest();
  const got = cache.get();
  await cache.give("first", 6_000);
  await got;
  cache.passTo(2_999);
  await cache.get();
  expect(cache.fetches).toHaveLength(1);
  cache.passTo(3_000);
  await expect(cache.get()).resolves.toBe("first");
  expect(cache.fetches).toHaveLength(2);
});

test.each([0, -5_000])(
  "a token of %d ms serves who asked, and the next gets another",
  async (ms) => {
    const cache = cacheUnderTest();
    for (const value of ["first", "second"]) {
      const got = cache.get();
      await cache.give(value, ms);
      await expect(got).resolves.toBe(value);
    }
    expect(cache.fetches).toHaveLength(2);
  },
);

test("a rejected token is replaced", async () => {
  const cache = await warmCache();
  cache.reject("first");
  const got = cache.get();
  await cache.give("second");
  await expect(got).resolves.toBe("second");
});

test("a late rejection of an old token keeps the newer one", async () => {
  const cache = await warmCache();
  cache.reject("first");
  const got = cache.get();
  await cache.give("second");
  await got;
  cache.reject("first");
  await expect(cache.get()).resolves.toBe("second");
  expect(cache.fetches).toHaveLength(2);
});

test("fifty rejections of one token cause one fetch", async () => {
  const cache = await warmCache();
  const callers = Array.from({ length: 50 }, () => {
    cache.reject("first");
    return cache.get();
  });
  await cache.give("second");
  expect(new Set(await Promise.all(callers))).toEqual(new Set(["second"]));
  expect(cache.fetches).toHaveLength(2);
});

test("a failed fetch reaches every waiting caller and is not kept", async () => {
  const cache = cacheUnderTest();
  const down = new Error("down");
  const callers = Promise.allSettled([cache.get(), cache.get()]);
  await cache.fail(down);
  for (const result of await callers) expect(result).toMatchObject({ reason: down });
  const got = cache.get();
  await cache.give("first");
  await expect(got).resolves.toBe("first");
  expect(cache.fetches).toHaveLength(2);
});

test("a caller that leaves does not disturb the others, nor the fetch", async () => {
  const cache = cacheUnderTest();
  const leaving = new AbortController();
  const left = cache.get(leaving.signal);
  const stays = cache.get();
  leaving.abort("gone");
  await expect(left).rejects.toBe("gone");
  await cache.give("first");
  await expect(stays).resolves.toBe("first");
  expect(cache.fetches).toHaveLength(1);
});

// The runner fails on every unhandled rejection.
test("a fetch that fails after all its callers have left is no unhandled rejection", async () => {
  const cache = cacheUnderTest();
  const leaving = new AbortController();
  const left = cache.get(leaving.signal);
  leaving.abort("gone");
  await expect(left).rejects.toBe("gone");
  await cache.fail(new Error("down"));
  const got = cache.get();
  await cache.give("first");
  await expect(got).resolves.toBe("first");
});

test("callers leave no listeners on a signal that lives longer", async () => {
  const longLived = new AbortController();
  const cache = cacheUnderTest();
  const got = [cache.get(longLived.signal), cache.get(longLived.signal)];
  await cache.give("first");
  await Promise.all(got);
  await new Promise(setImmediate);
  expect(getEventListeners(longLived.signal, "abort")).toEqual([]);
});
