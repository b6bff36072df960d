import type { JWTVerifyGetKey } from "jose";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRemoteKeys } from "./remote-keys.ts";
import { startIssuer, type RotateOptions } from "./testing/issuer.ts";
import { refusalBy } from "./testing/refusal-by.ts";

const minuteMs = 60_000;

/** An issuer, and a key set whose clock is in the test's hands. */
async function keysUnderTest(first?: RotateOptions) {
  const issuer = await startIssuer(first);
  let time = 1_000_000;
  const getKey = createRemoteKeys({ url: new URL(issuer.jwksUrl), now: () => time });
  return {
    ...issuer,
    pass(ms: number) {
      time += ms;
    },
    async find(kid: string) {
      return await find(getKey, kid);
    },
  };
}

async function find(getKey: JWTVerifyGetKey, kid: string): Promise<unknown> {
  return await getKey({ alg: "ES256", kid }, { payload: "", signature: "" });
}

const unknownKey = { code: "ERR_JWKS_NO_MATCHING_KEY" };

test("many callers of a cold set share one request, and later ones need none", async () => {
  await using keys = await keysUnderTest();
  const found = await Promise.all(Array.from({ length: 50 }, () => keys.find("key-1")));
  expect(new Set(found.map(String))).toEqual(new Set(["[object CryptoKey]"]));
  await keys.find("key-1");
  expect(keys.requestCount()).toBe(1);
});

test("nothing is fetched before the first request", async () => {
  await using keys = await keysUnderTest();
  expect(keys.requestCount()).toBe(0);
});

test("a new key is known without a restart", async () => {
  await using keys = await keysUnderTest();
  await keys.find("key-1");
  keys.rotate({ kid: "key-2" });
  keys.pass(30_000);
  await expect(keys.find("key-2")).resolves.toBeDefined();
  expect(keys.requestCount()).toBe(2);
  await expect(keys.find("key-1")).rejects.toMatchObject(unknownKey);
  expect(keys.requestCount()).toBe(2);
});

test("a storm of unknown keys asks once in thirty seconds", async () => {
  await using keys = await keysUnderTest();
  const storm = async (): Promise<void> => {
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => keys.find(`stranger-${index}`)),
    );
    for (const result of results) expect(result).toMatchObject({ reason: unknownKey });
  };
  await storm();
  expect(keys.requestCount()).toBe(1);
  keys.pass(29_999);
  await storm();
  expect(keys.requestCount()).toBe(1);
  keys.pass(1);
  await storm();
  await storm();
  expect(keys.requestCount()).toBe(2);
});

test("a withdrawn key is known for ten minutes at most", async () => {
  await using keys = await keysUnderTest();
  await keys.find("key-1");
  keys.rotate({ kid: "key-2" });
  keys.pass(10 * minuteMs - 1);
  await keys.find("key-1");
  expect(keys.requestCount()).toBe(1);
  keys.pass(1);
  await expect(keys.find("key-1")).rejects.toMatchObject(unknownKey);
  expect(keys.requestCount()).toBe(2);
});

test.each(["failing", "strange"] as const)(
  "while the endpoint is %s and no keys are known, no token can be checked",
  async (mode) => {
    await using keys = await keysUnderTest();
    keys.setMode(mode);
    const refusal = await refusalBy(() => keys.find("key-1"));
    expect(refusal).toMatchObject({
      code: "overloaded",
      status: 503,
      retryable: true,
      retryAfterMs: 5_000,
      message: "Who calls cannot be checked at the moment.",
    });
    expect(refusal.cause).toBeInstanceOf(Error);
    expect(refusal.headers).toEqual({});
  },
);

test("an endpoint that fails is not asked for every caller, and is asked again", async () => {
  await using keys = await keysUnderTest();
  keys.setMode("failing");
  await Promise.all(Array.from({ length: 20 }, () => refusalBy(() => keys.find("key-1"))));
  keys.pass(4_000);
  expect(await refusalBy(() => keys.find("key-1"))).toMatchObject({ retryAfterMs: 1_000 });
  expect(keys.requestCount()).toBe(1);
  keys.setMode("well");
  keys.pass(1_000);
  await expect(keys.find("key-1")).resolves.toBeDefined();
  expect(keys.requestCount()).toBe(2);
});

test("an endpoint without a listener is reported as such to the operator", async () => {
  const keys = await keysUnderTest();
  await keys[Symbol.asyncDispose]();
  const refusal = await refusalBy(() => keys.find("key-1"));
  expect(refusal.code).toBe("overloaded");
  expect(refusal.cause).toMatchObject({ cause: { code: "ECONNREFUSED" } });
});

test("known keys serve on while the endpoint is away, and it is asked with pauses", async () => {
  await using keys = await keysUnderTest();
  await keys.find("key-1");
  keys.setMode("failing");
  keys.pass(10 * minuteMs);
  await keys.find("key-1");
  await keys.find("key-1");
  keys.pass(29_999);
  await keys.find("key-1");
  expect(keys.requestCount()).toBe(2);
  keys.pass(1);
  await keys.find("key-1");
  expect(keys.requestCount()).toBe(3);
});

test("without its endpoint a set serves for a day, not for good", async () => {
  await using keys = await keysUnderTest();
  await keys.find("key-1");
  keys.setMode("failing");
  keys.pass(24 * 60 * minuteMs - 1);
  await expect(keys.find("key-1")).resolves.toBeDefined();
  keys.pass(1);
  expect(await refusalBy(() => keys.find("key-1"))).toMatchObject({ code: "overloaded" });
});

test("a key that may be in the set which cannot be fetched is no fault of the caller", async () => {
  await using keys = await keysUnderTest();
  await keys.find("key-1");
  keys.setMode("failing");
  keys.pass(30_000);
  for (let caller = 0; caller < 2; caller += 1) {
    expect(await refusalBy(() => keys.find("key-2"))).toMatchObject({
      code: "overloaded",
      retryAfterMs: 30_000,
    });
  }
  expect(keys.requestCount()).toBe(2);
  keys.setMode("well");
  keys.pass(30_000);
  await expect(keys.find("key-2")).rejects.toMatchObject(unknownKey);
});

test("a clock that is set anew changes nothing", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  await using keys = await keysUnderTest();
  await keys.find("key-1");
  keys.setMode("failing");
  vi.setSystemTime(Date.now() + 24 * 60 * minuteMs);
  await expect(keys.find("key-1")).resolves.toBeDefined();
  await expect(keys.find("stranger")).rejects.toMatchObject(unknownKey);
  expect(keys.requestCount()).toBe(1);
});

test.each(["silent", "stuck"] as const)("an endpoint that is %s is given up", async (mode) => {
  await using issuer = await startIssuer();
  issuer.setMode(mode);
  const getKey = createRemoteKeys({ url: new URL(issuer.jwksUrl), timeoutMs: 100, now: () => 0 });
  expect(await refusalBy(() => find(getKey, "key-1"))).toMatchObject({ code: "overloaded" });
  issuer.setMode("well");
  expect(await refusalBy(() => find(getKey, "key-1"))).toMatchObject({ code: "overloaded" });
});
