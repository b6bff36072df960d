import { expect, test } from "vitest";

import { startGateway } from "../testing/gateway.ts";

interface Expected {
  readonly statuses: readonly number[];
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

const invalid = "invalid_request_error";
const unauthorized = {
  type: invalid,
  code: "invalid_api_key",
  message: "Incorrect API key provided.",
};
const unavailable = { type: "server_error", code: null, message: "overloaded" };
const rateLimited = {
  type: "requests",
  code: "rate_limit_exceeded",
  message: "Rate limit reached for requests.",
};

test.each<[string, Expected]>([
  ["unauthorized-once", { ...unauthorized, statuses: [401, 200, 401] }],
  ["unauthorized-always", { ...unauthorized, statuses: [401, 401, 401] }],
  ["unavailable-twice", { ...unavailable, statuses: [503, 503, 200, 503] }],
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
    {
      statuses: [400],
      type: invalid,
      code: "model_not_found",
      message: "The model does not exist or you do not have access to it.",
    },
  ],
  [
    "bad-request-echo",
    {
      statuses: [400],
      type: invalid,
      code: null,
      message: "Not valid: content Hello, Authorization: Bearer demo-key",
    },
  ],
  [
    "forbidden",
    {
      statuses: [403],
      type: invalid,
      code: "insufficient_permissions",
      message: "insufficient permissions",
    },
  ],
])("%s answers with $statuses, in OpenAI's error shape", async (name, expected) => {
  await using gateway = await startGateway();
  const { statuses, message, ...words } = expected;
  for (const status of statuses) {
    const response = await gateway.complete(`/scenario ${name} Hello`);
    const body = await response.text();
    expect(response.status).toBe(status);
    if (status === 200) continue;
    expect(JSON.parse(body)).toEqual({
      error: { message: expect.stringContaining(message), ...words, param: null },
    });
  }
});

test.each([
  ["rate-limited-seconds", { retryAfter: "1", reset: "60s" }],
  ["rate-limited-always", { retryAfter: "1", reset: "60s" }],
  ["rate-limited-reset", { retryAfter: null, reset: "1s" }],
  [
    "rate-limited-message",
    {
      retryAfter: null,
      reset: null,
      message: "Rate limit reached for requests. Please try again in 1s.",
    },
  ],
  ["rate-limited-bare", { retryAfter: null, reset: null }],
])("%s says how long to wait by %o", async (name, expected) => {
  await using gateway = await startGateway();
  const response = await gateway.complete(`/scenario ${name}`);
  const { error } = (await response.json()) as { error: { message: string } };
  const retryAfter = response.headers.get("retry-after");
  const reset = response.headers.get("x-ratelimit-reset-requests");
  expect({ retryAfter, reset, message: error.message }).toMatchObject(expected);
});

test("the endpoints share the counters of the scenarios", async () => {
  await using gateway = await startGateway({ scenario: "unavailable-twice" });
  const statuses = [
    (await gateway.chat("Hello")).status,
    (await gateway.complete("Hello")).status,
    (await gateway.chat("Hello")).status,
    (await gateway.complete("Hello")).status,
  ];
  expect(statuses).toEqual([503, 503, 200, 503]);
});
