import { expect, test } from "vitest";

import { startGateway } from "../testing/gateway.ts";
import { textOf } from "../testing/ndjson.ts";
import { plainAnswer, play, question } from "../testing/played.ts";
import { createTestClock } from "../testing/test-clock.ts";

test("stall: eight tokens and then nothing, with the connection open", async () => {
  await using gateway = await startGateway();
  const { tokens } = await plainAnswer(gateway);
  const response = await gateway.rawChat(`/scenario stall ${question}`);
  const expected = textOf(tokens.slice(0, 8));
  const call = await gateway.emulator.waitFor(({ sentText }) => sentText === expected);
  expect(call.state).toBe("open");
  response.destroy();
  await gateway.emulator.waitFor(({ state }) => state === "aborted");
});

test.each(["slow-headers", "slow-first-token"])(
  "%s: the plain answer after the wait that was asked for",
  async (name) => {
    const clock = createTestClock();
    await using gateway = await startGateway({ slowFirstTokenMs: 1234, clock });
    const { lines } = await plainAnswer(gateway);
    expect(await play(gateway, `/scenario ${name}`)).toBe(`${lines.join("\n")}\n`);
    expect(clock.waitsMs).toEqual([1234]);
  },
);

test("slow-first-token: the headers come before the wait, slow-headers: after it", async () => {
  const clock = createTestClock({ freezeAfter: 0 });
  await using gateway = await startGateway({ clock });
  const response = await gateway.rawChat("/scenario slow-first-token");
  expect(response.statusCode).toBe(200);
  const failed = expect(gateway.chat("/scenario slow-headers")).rejects.toThrow();
  const call = await gateway.emulator.waitFor(({ scenario }) => scenario === "slow-headers");
  expect(call.status).toBeUndefined();
  expect(clock.pendingCount()).toBe(2);
  response.on("error", () => {});
  await gateway.emulator.close();
  await failed;
});

test("silent: no headers while the connection is open", async () => {
  await using gateway = await startGateway();
  const failed = expect(gateway.chat("/scenario silent")).rejects.toThrow();
  const call = await gateway.emulator.waitFor(({ scenario }) => scenario === "silent");
  expect(call).toMatchObject({ state: "open", sentText: "" });
  expect(call.status).toBeUndefined();
  await gateway.emulator.close();
  await failed;
});

test.each([
  ["html", 200, "text/html; charset=utf-8", /^<!doctype html>[^]*Sign in/],
  ["empty", 200, "application/x-ndjson", /^$/],
  ["no-content", 204, null, /^$/],
])("%s: status %i, content type %s", async (name, status, contentType, body) => {
  await using gateway = await startGateway();
  const response = await gateway.chat(`/scenario ${name}`);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe(contentType);
  expect(await response.text()).toMatch(body);
});
