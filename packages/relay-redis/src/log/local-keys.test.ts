import { expect, onTestFinished, test } from "vitest";
import { createLocalKeys } from "./local-keys.ts";
import { eventually } from "../../../relay/test/eventually.ts";

function claimsUnderTest(pendingMs = 60_000) {
  const claims = createLocalKeys({ pendingMs, now: () => performance.now() });
  onTestFinished(() => claims.clear());
  return claims;
}

test("a key stands for a stream until that is forgotten", () => {
  const claims = claimsUnderTest();
  claims.add("key", "s-1");
  claims.add("other key", "s-1");
  expect(claims.holderOf("key")).toBe("s-1");
  expect(claims.keysOf("s-1")).toEqual(["key", "other key"]);
  claims.forget("s-1");
  expect(claims.holderOf("key")).toBeUndefined();
  expect(claims.keysOf("s-1")).toEqual([]);
});

test("a key that goes over to another stream is no longer the first one's", () => {
  const claims = claimsUnderTest();
  claims.add("key", "s-1");
  claims.add("key", "s-2");
  expect(claims.keysOf("s-1")).toEqual([]);
  claims.forget("s-1");
  expect(claims.holderOf("key")).toBe("s-2");
});

test("a released key has no owner", () => {
  const claims = claimsUnderTest();
  claims.add("key", "s-1");
  claims.release("key");
  claims.release("never claimed");
  expect(claims.holderOf("key")).toBeUndefined();
  expect(claims.keysOf("s-1")).toEqual([]);
});

test("a key of a stream that does not begin is forgotten in time; one of a running stream is not", async () => {
  const claims = claimsUnderTest(20);
  claims.keep("s-1");
  claims.add("running", "s-1");
  claims.add("begins later", "s-2");
  claims.keep("s-2");
  claims.add("never begins", "s-3");
  await eventually(() => expect(claims.holderOf("never begins")).toBeUndefined());
  expect(claims.holderOf("running")).toBe("s-1");
  expect(claims.holderOf("begins later")).toBe("s-2");
});
