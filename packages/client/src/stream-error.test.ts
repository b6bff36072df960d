import { expect, test, vi } from "vitest";
import { isStreamError, StreamError } from "./stream-error.ts";

test("an error has what it was given", () => {
  expect(new StreamError("protocol", "No relay.")).toMatchObject({
    name: "StreamError",
    code: "protocol",
    message: "No relay.",
    retryable: false,
    status: undefined,
    retryAfterMs: undefined,
    requestId: undefined,
    attempts: 0,
    lastEventId: 0,
    text: "",
  });
  const details = {
    retryable: true,
    status: 429,
    retryAfterMs: 5,
    requestId: "r",
    attempts: 3,
    lastEventId: 7,
    text: "Hel",
  };
  expect(new StreamError("rate_limited", "Later.", details)).toMatchObject(details);
});

test.each([
  ["network", true],
  ["timeout", true],
  ["stalled", true],
  ["truncated", true],
  ["protocol", false],
  ["aborted", false],
] as const)("%s is retryable: %j, unless it is said otherwise", (code, retryable) => {
  expect(new StreamError(code, "").retryable).toBe(retryable);
  expect(new StreamError(code, "", { retryable: !retryable }).retryable).toBe(!retryable);
});

test("a cause is there only when there is one", () => {
  const cause = new Error("why");
  expect(new StreamError("network", "Away.", { cause }).cause).toBe(cause);
  expect("cause" in new StreamError("network", "Away.")).toBe(false);
});

test("isStreamError knows errors from another copy of this package", async () => {
  vi.resetModules();
  const copy = await import("./stream-error.ts");
  expect(copy.StreamError).not.toBe(StreamError);
  const foreign = new copy.StreamError("truncated", "Broke off.");
  expect(foreign).not.toBeInstanceOf(StreamError);
  expect(isStreamError(foreign)).toBe(true);
  expect(copy.isStreamError(new StreamError("truncated", "Broke off."))).toBe(true);
});

test.each([
  undefined,
  null,
  "StreamError",
  new Error("no"),
  { name: "StreamError", code: "network" },
])("isStreamError: %j is none", (value) => {
  expect(isStreamError(value)).toBe(false);
});
