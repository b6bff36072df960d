import { expect, test } from "vitest";
import { streamOf } from "../../testing/client-of.ts";

const html = { "Content-Type": "text/html" };
const json = { "Content-Type": "application/json" };

const refusal = {
  code: "rate_limited",
  message: "Ask again later.",
  retryable: true,
  retryAfterMs: 2500,
  requestId: "r-1",
};

test("a refusal has all that the relay says of it", async () => {
  const stream = streamOf({
    status: 429,
    headers: { ...json, "Retry-After": "3" },
    body: JSON.stringify({ error: refusal }),
  });
  await expect(stream.result()).rejects.toMatchObject({ ...refusal, status: 429, text: "" });
});

test("headers fill in what the body of a refusal lacks", async () => {
  const { code, message, retryable } = refusal;
  const stream = streamOf({
    status: 429,
    headers: { ...json, "Retry-After": "3", "X-Request-Id": "r-2" },
    body: JSON.stringify({ error: { code, message, retryable } }),
  });
  await expect(stream.result()).rejects.toMatchObject({ retryAfterMs: 3000, requestId: "r-2" });
});

test.each([
  [502, true],
  [503, true],
  [504, true],
  [429, true],
  [401, false],
  [403, false],
  [404, false],
])(
  "a proxy's page with status %i is a protocol error, retryable: %j",
  async (status, retryable) => {
    const stream = streamOf({ status, headers: html, body: "<h1>Nope</h1>" });
    await expect(stream.result()).rejects.toMatchObject({ code: "protocol", status, retryable });
  },
);

test.each([
  ["an empty body", ""],
  ["null", "null"],
  ["JSON of something else", '{"message":"no"}'],
  ["an error that is a text", '{"error":"no"}'],
  ["an error without a code", '{"error":{"message":"no"}}'],
])("%s is a protocol error", async (_, body) => {
  const stream = streamOf({ status: 500, headers: json, body });
  await expect(stream.result()).rejects.toMatchObject({ code: "protocol", status: 500 });
});

test("Retry-After of a proxy may be seconds", async () => {
  const stream = streamOf({ status: 503, headers: { ...html, "Retry-After": "7" } });
  await expect(stream.result()).rejects.toMatchObject({ retryAfterMs: 7000 });
});

test("Retry-After of a proxy may be a date", async () => {
  const date = new Date(Date.now() + 60_000).toUTCString();
  const stream = streamOf({ status: 503, headers: { ...html, "Retry-After": date } });
  const error: { retryAfterMs?: number } = await stream.result().catch((failure) => failure);
  // A date has whole seconds, and some time has passed.
  expect(error.retryAfterMs).toBeGreaterThan(30_000);
  expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
});

test("a date that is over means no wait", async () => {
  const headers = { ...html, "Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT" };
  await expect(streamOf({ status: 503, headers }).result()).rejects.toMatchObject({
    retryAfterMs: 0,
  });
});

test.each(["soon", "", "1e99", "Infinity"])(
  "Retry-After %j is no statement",
  async (retryAfter) => {
    const stream = streamOf({ status: 503, headers: { ...html, "Retry-After": retryAfter } });
    await expect(stream.result()).rejects.toMatchObject({ retryAfterMs: undefined });
  },
);

test("a refusal whose body never ends can be cancelled", async () => {
  const stream = streamOf(
    { status: 502, headers: html, body: "<h1>", ending: "hang" },
    { onStatus: () => queueMicrotask(() => stream.cancel()) },
  );
  expect((await stream.result()).reason).toBe("cancelled");
});
