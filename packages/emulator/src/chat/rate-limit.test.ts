import { expect, test } from "vitest";

import { startGateway } from "../testing/gateway.ts";
import { lastCall } from "../testing/played.ts";
import { createTestClock } from "../testing/test-clock.ts";

test("the rate limit is an option; it is sent in headers and not enforced", async () => {
  await using gateway = await startGateway({ requestsPerMinute: 1 });
  await gateway.chat("Hello");
  const second = await gateway.chat("Hello");
  expect(second.status).toBe(200);
  expect(second.headers.get("inin-ratelimit-count")).toBe("2");
  expect(second.headers.get("inin-ratelimit-allowed")).toBe("1");
});

test("both endpoints share the count; chat completions sends it in its own headers", async () => {
  const clock = createTestClock();
  await using gateway = await startGateway({ requestsPerMinute: 2, clock });
  await gateway.chat("Hello");
  const remaining: unknown[] = [];
  for (const _ of [1, 2]) {
    clock.advance(10_500);
    const { headers } = await gateway.complete("Hello");
    remaining.push(
      ["limit", "remaining", "reset"].map((name) => headers.get(`x-ratelimit-${name}-requests`)),
    );
    expect(headers.get("inin-ratelimit-count")).toBeNull();
  }
  expect(remaining).toEqual([
    ["2", "0", "50s"],
    ["2", "0", "39s"],
  ]);
});

test("an enforced limit refuses what is beyond it until the window ends", async () => {
  const clock = createTestClock();
  await using gateway = await startGateway({ requestsPerMinute: 2, enforceRateLimit: true, clock });
  const token = await gateway.newToken();
  const statuses: number[] = [];
  const ask = async () => statuses.push((await gateway.chat("Hello", { token })).status);
  await ask();
  await ask();
  clock.advance(15_500);

  const refused = await gateway.chat("Hello", { token });
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("45");
  expect(refused.headers.get("inin-ratelimit-reset")).toBe("45");
  expect(await refused.json()).toMatchObject({
    code: "too.many.requests",
    message: "Rate limit exceeded the maximum.",
  });
  const call = await lastCall(gateway);
  expect(call).toMatchObject({ kind: "chat", status: 429, state: "answered" });
  expect(call.scenario).toBeUndefined();

  clock.advance(44_499);
  await ask();
  clock.advance(1);
  await ask();
  await ask();
  await ask();
  expect(statuses).toEqual([200, 200, 429, 200, 200, 429]);
});

test("an enforced limit is one for both endpoints, and a reset starts it again", async () => {
  await using gateway = await startGateway({ requestsPerMinute: 1, enforceRateLimit: true });
  const token = await gateway.newToken();
  expect((await gateway.chat("Hello", { token })).status).toBe(200);
  const refused = await gateway.complete("Hello");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
  gateway.emulator.reset();
  expect((await gateway.complete("Hello")).status).toBe(200);
});
