import { expect, test } from "vitest";
import { headerValue } from "./headers.ts";
import { quotaUsedUpForMs, rateLimitWaitMs, retryAfterMs } from "./headers.ts";

const now = Date.UTC(2030, 0, 2, 3, 4, 5);

test("a header is its first value, or nothing", () => {
  const headers = { one: "1", two: ["2", "3"] };
  expect(headerValue(headers, "one")).toBe("1");
  expect(headerValue(headers, "two")).toBe("2");
  expect(headerValue(headers, "three")).toBeUndefined();
});

test.each([
  ["seconds", "2", 2_000],
  ["no seconds", "0", 0],
  ["seconds with spaces around", " 30 ", 30_000],
  ["parts of a second", "1.5", 1_500],
  ["an HTTP date", "Wed, 02 Jan 2030 03:04:15 GMT", 10_000],
  ["an HTTP date that has passed", "Wed, 02 Jan 2030 03:04:00 GMT", 0],
  ["an obsolete date of RFC 850", "Wednesday, 02-Jan-30 03:04:15 GMT", 10_000],
])("Retry-After says how long to wait: %s", (_, value, ms) => {
  expect(retryAfterMs({ "retry-after": value }, now)).toBe(ms);
});

test.each(["soon", "", "1e9", "99999999999", "NaN"])(
  "a Retry-After that cannot be read says nothing rather than NaN or no wait: %j",
  (value) => {
    expect(retryAfterMs({ "retry-after": value }, now)).toBeUndefined();
  },
);

test("without Retry-After nothing is said", () => {
  expect(retryAfterMs({ "inin-ratelimit-reset": "5" }, now)).toBeUndefined();
});

const message = "Rate limit exceeded. Retry the request in [7] seconds";

test.each([
  ["Retry-After before all", { "retry-after": "1", "inin-ratelimit-reset": "5" }, message, 1_000],
  ["a Retry-After of 0 before all", { "retry-after": "0", "inin-ratelimit-reset": "5" }, "", 0],
  ["else the reset header", { "inin-ratelimit-reset": "5" }, message, 5_000],
  ["else the message", {}, message, 7_000],
  ["what cannot be read is passed over", { "retry-after": "soon" }, message, 7_000],
  ["else nothing", {}, "Too many requests in 60 seconds.", undefined],
])("a rate limit's wait: %s", (_, headers, text, ms) => {
  expect(rateLimitWaitMs(headers, text, now)).toBe(ms);
});

test.each([
  [{ "inin-ratelimit-count": "299", "inin-ratelimit-allowed": "300" }, 0],
  [{ "inin-ratelimit-count": "300", "inin-ratelimit-allowed": "300" }, 12_000],
  [{ "inin-ratelimit-count": "301", "inin-ratelimit-allowed": "300" }, 12_000],
  [{ "inin-ratelimit-count": "x", "inin-ratelimit-allowed": "300" }, 0],
  [{}, 0],
])("a quota is used up when the count has reached what is allowed: %j", (headers, expected) => {
  expect(quotaUsedUpForMs({ ...headers, "inin-ratelimit-reset": "12" })).toBe(expected);
});
