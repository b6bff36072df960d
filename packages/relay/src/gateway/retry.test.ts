import { expect, test } from "vitest";
import { retryDelayMs } from "./retry.ts";
import { genesysAt } from "./testing/provider-under-test.ts";
import { startRawGateway } from "./testing/servers.ts";
import { startEmulator } from "./testing/start-emulator.ts";

test("jitter stays between nothing and a cap that doubles up to eight seconds", () => {
  const caps = [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000];
  for (const [index, cap] of caps.entries()) {
    expect(retryDelayMs(index + 1, 0, () => 0)).toBe(0);
    expect(retryDelayMs(index + 1, 0, () => 0.5)).toBe(cap / 2);
    expect(retryDelayMs(index + 1, 0, () => 1 - Number.EPSILON)).toBe(cap);
  }
  expect(retryDelayMs(5_000, 0, () => 0.5)).toBe(4_000);
});

test("the stated wait is a floor under the jitter", () => {
  expect(retryDelayMs(1, 3_000, () => 0)).toBe(3_000);
  expect(retryDelayMs(2, 3_000, () => 0.5)).toBe(3_250);
  for (let count = 0; count < 1_000; count += 1) {
    const delayMs = retryDelayMs(3, 1_000, Math.random);
    expect(delayMs).toBeGreaterThanOrEqual(1_000);
    expect(delayMs).toBeLessThanOrEqual(2_000);
  }
});

test("a try that fails after the deadline is not repeated, one that fails before it is", async () => {
  await using slow = await startRawGateway((_, response) => {
    setTimeout(() => response.writeHead(503, { "retry-after": "0" }).end(), 1_100);
  });
  const late = genesysAt(slow.url, { handshakeDeadlineMs: 1_000 });
  await expect(late.open()).rejects.toMatchObject({ code: "gateway_unavailable" });
  expect(late.observed).toMatchObject([{ type: "attempt_failed", attempt: 1 }]);
  expect(late.observed[0]).not.toHaveProperty("waitMs");
  const inTime = genesysAt(slow.url, { handshakeDeadlineMs: 20_000, handshakeTries: 2 });
  await expect(inTime.open()).rejects.toMatchObject({ code: "gateway_unavailable" });
  expect(inTime.observed).toHaveLength(2);
});

test("one try is one try", async () => {
  const { kinds, url } = await startEmulator({ scenario: "unavailable-always" });
  const gateway = genesysAt(url, { handshakeTries: 1 });
  await expect(gateway.open()).rejects.toMatchObject({ code: "gateway_unavailable" });
  expect(kinds()).toEqual(["token", "chat"]);
});

test("an abort while a try fails lets no other try begin", async () => {
  const leaving = new AbortController();
  await using server = await startRawGateway((_, response) => {
    response.writeHead(503).end();
    leaving.abort("gone");
  });
  await expect(genesysAt(server.url).open({ signal: leaving.signal })).rejects.toBe("gone");
  expect(server.paths).toHaveLength(2);
});

test("a further try that gets no slot in time fails with the error that caused it", async () => {
  const { kinds, url } = await startEmulator({ scenario: "unavailable-always" });
  const gateway = genesysAt(url, { requestsPerMinute: 1, handshakeDeadlineMs: 600 });
  await expect(gateway.open()).rejects.toMatchObject({
    code: "gateway_unavailable",
    message: "The gateway answered with status 503.",
  });
  expect(kinds()).toEqual(["token", "chat"]);
  expect(gateway.observed).toHaveLength(1);
});
