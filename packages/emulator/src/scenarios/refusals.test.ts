import { expect, test } from "vitest";

import { startGateway } from "../testing/gateway.ts";

interface Expected {
  readonly statuses: readonly number[];
  readonly code: string;
  readonly message: string;
}

const rateLimited = { code: "too.many.requests", message: "Rate limit exceeded the maximum" };
const unauthorized = { code: "bad.credentials", message: "Invalid login credentials." };
const unavailable = { code: "service.unavailable", message: "temporarily unavailable" };

test.each<[string, Expected]>([
  ["unauthorized-once", { ...unauthorized, statuses: [401, 200, 401] }],
  ["unauthorized-always", { ...unauthorized, statuses: [401, 401, 401] }],
  ["unavailable-twice", { ...unavailable, statuses: [503, 503, 200, 503, 503, 200] }],
  ["unavailable-always", { ...unavailable, statuses: [503, 503, 503] }],
  ["rate-limited-seconds", { ...rateLimited, statuses: [429, 200, 429] }],
  ["rate-limited-date", { ...rateLimited, statuses: [429, 200, 429] }],
  ["rate-limited-reset", { ...rateLimited, statuses: [429, 200, 429] }],
  ["rate-limited-message", { ...rateLimited, statuses: [429, 200, 429] }],
  ["rate-limited-bare", { ...rateLimited, statuses: [429, 200, 429] }],
  ["rate-limited-always", { ...rateLimited, statuses: [429, 429, 429] }],
  ["rate-limited-half", { ...rateLimited, statuses: [200, 429, 200, 429] }],
  [
    "bad-request",
    { statuses: [400], code: "bad.request", message: "configurationId is not known" },
  ],
  [
    "bad-request-echo",
    { statuses: [400], code: "bad.request", message: "Not valid: content Hello" },
  ],
  ["forbidden", { statuses: [403], code: "missing.any.permissions", message: "ai:llm:use" }],
])("%s answers with $statuses, in the platform's error shape", async (name, expected) => {
  await using gateway = await startGateway();
  const statuses: number[] = [];
  for (const _ of expected.statuses) {
    const response = await gateway.chat(`/scenario ${name} Hello`);
    statuses.push(response.status);
    const body = await response.text();
    if (response.status === 200) continue;
    expect(JSON.parse(body)).toEqual({
      message: expect.stringContaining(expected.message),
      code: expected.code,
      status: response.status,
      contextId: response.headers.get("inin-correlation-id"),
      details: [],
      errors: [],
    });
  }
  expect(statuses).toEqual(expected.statuses);
});

test("bad-request-echo repeats the question and the header that it was asked with", async () => {
  await using gateway = await startGateway();
  const token = await gateway.newToken();
  const response = await gateway.chat("/scenario bad-request-echo How so?", { token });
  expect(await response.json()).toMatchObject({
    message: `Not valid: content How so?, Authorization: Bearer ${token}`,
  });
});

test("each scenario counts for itself", async () => {
  await using gateway = await startGateway();
  const statuses: number[] = [];
  for (const name of ["unavailable-twice", "unauthorized-once", "unavailable-twice", "answer"]) {
    statuses.push((await gateway.chat(`/scenario ${name} Hello`)).status);
  }
  expect(statuses).toEqual([503, 401, 503, 200]);
});

async function refusedHeaders(name: string) {
  await using gateway = await startGateway();
  const response = await gateway.chat(`/scenario ${name}`);
  const { message } = (await response.json()) as { message: string };
  const retryAfter = response.headers.get("retry-after");
  const reset = response.headers.get("inin-ratelimit-reset");
  return { retryAfter, reset, message };
}

test("rate-limited-half: of chats that run at the same time every second one is refused, too", async () => {
  await using gateway = await startGateway({ scenario: "rate-limited-half" });
  const token = await gateway.newToken();
  const contents = Array.from({ length: 10 }, (_, index) => `Conversation ${index}`);
  const responses = await Promise.all(contents.map((each) => gateway.chat(each, { token })));
  const refused = responses.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(5);
  expect(refused.map(({ headers }) => headers.get("retry-after"))).toEqual(Array(5).fill("1"));
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(5);
});

test.each([
  ["rate-limited-seconds", { retryAfter: "1", reset: "60" }],
  ["rate-limited-always", { retryAfter: "1", reset: "60" }],
  ["rate-limited-reset", { retryAfter: null, reset: "1" }],
  ["rate-limited-message", { retryAfter: null, reset: null }],
  ["rate-limited-bare", { retryAfter: null, reset: null }],
])("%s says how long to wait by %o", async (name, expected) => {
  expect(await refusedHeaders(name)).toMatchObject(expected);
});

test("rate-limited-message: the seconds stand in the message; rate-limited-bare: nowhere", async () => {
  const inMessage = await refusedHeaders("rate-limited-message");
  expect(inMessage.message).toBe(
    "Rate limit exceeded the maximum. Retry the request in [1] seconds",
  );
  expect((await refusedHeaders("rate-limited-bare")).message).not.toMatch(/\d/);
});

test("rate-limited-date: an HTTP date that is 1 to 2 seconds ahead when it is sent", async () => {
  const before = Date.now();
  const { retryAfter } = await refusedHeaders("rate-limited-date");
  const after = Date.now();
  const date = new Date(retryAfter ?? "");
  expect(retryAfter).toBe(date.toUTCString());
  expect(date.getTime()).toBeGreaterThanOrEqual(before + 1000);
  expect(date.getTime()).toBeLessThan(after + 2000);
});
