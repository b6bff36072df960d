import { createServer } from "node:http";
import { connect } from "node:net";

import { expect, test } from "vitest";

import type { EmulatorCall } from "./calls/call-log.ts";
import { systemClock } from "./clock.ts";
import type { EmulatorOptions } from "./emulator-options.ts";
import { chatBody, chatPath, startGateway } from "./testing/gateway.ts";
import { createTestClock } from "./testing/test-clock.ts";

const accepted = ({ scenario }: EmulatorCall): boolean => scenario !== undefined;
const headersSent = ({ status }: EmulatorCall): boolean => status === 200;
const someTextSent = ({ sentText }: EmulatorCall): boolean => sentText !== "";

const paced: EmulatorOptions = { tokensPerSecond: 10 };

test.each<[string, (call: EmulatorCall) => boolean, EmulatorOptions]>([
  ["/scenario silent", accepted, {}],
  ["/scenario slow-headers", accepted, {}],
  ["/scenario slow-first-token", headersSent, {}],
  ["/scenario stall", someTextSent, {}],
  ["/scenario every-byte", someTextSent, {}],
  ["/scenario many-tokens 1000000", someTextSent, {}],
  ["in the middle of an answer", someTextSent, paced],
  ["/scenario many-objects-a-line", someTextSent, paced],
  ["/scenario gzip", someTextSent, paced],
])(
  "%s: a peer that leaves is noticed at once and nothing goes on",
  async (content, moment, more) => {
    const slow = content.includes("slow");
    const clock = createTestClock({ freezeAfter: slow ? 0 : 5 });
    await using gateway = await startGateway({ clock, ...more });
    const leaving = new AbortController();
    const answer = gateway
      .chat(content, { signal: leaving.signal })
      .then((response) => response.text());
    const ended = expect(answer).rejects.toThrow();

    await gateway.emulator.waitFor((call) => call.kind === "chat" && moment(call));
    leaving.abort();
    const call = await gateway.emulator.waitFor(({ state }) => state === "aborted");
    await ended;
    expect(call.kind).toBe("chat");
    expect(call.endedAt).toBeDefined();
    expect(clock.pendingCount()).toBe(0);
  },
);

test("a reader that leaves with a huge backlog unread is aborted, with part of the text sent", async () => {
  await using gateway = await startGateway();
  const response = await gateway.rawChat("/scenario many-tokens 1000000");
  await gateway.emulator.waitFor(({ sentText }) => sentText.length > 20_000);
  response.destroy();
  const call = await gateway.emulator.waitFor(({ state }) => state === "aborted");
  expect(call.sentText.endsWith("999999 ")).toBe(false);
});

test("a peer that leaves while it sends its body is aborted, without a status", async () => {
  await using gateway = await startGateway();
  const peer = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  peer.write(`POST ${chatPath} HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{"input":`);
  await gateway.emulator.waitFor(({ kind }) => kind === "chat");
  peer.destroy();
  const call = await gateway.emulator.waitFor(({ state }) => state === "aborted");
  expect(call).toMatchObject({ body: undefined, sentText: "" });
  expect(call.status).toBeUndefined();
});

test("closing the emulator ends calls that would wait for ever", async () => {
  const gateway = await startGateway();
  const answer = expect(gateway.chat("/scenario silent")).rejects.toThrow();
  const call = await gateway.emulator.waitFor(({ scenario }) => scenario === "silent");
  await gateway.emulator.close();
  await answer;
  expect(call.state).toBe("aborted");
});

test("closing ends calls on a server of the host", async () => {
  await using gateway = await startGateway();
  const server = createServer(gateway.emulator.handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const token = await gateway.newToken();
  const answer = fetch(`http://127.0.0.1:${port}${chatPath}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(chatBody("/scenario silent")),
  });
  const failed = expect(answer).rejects.toThrow();
  const call = await gateway.emulator.waitFor(({ scenario }) => scenario === "silent");
  await gateway.emulator.close();
  await failed;
  expect(call.state).toBe("aborted");
  await new Promise((resolve) => server.close(resolve));
});

test("a wait of the system clock that is given up leaves no timer", async () => {
  const timerCount = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const controller = new AbortController();
  const before = timerCount();
  const waiting = systemClock.wait(60_000, controller.signal);
  expect(timerCount()).toBe(before + 1);
  controller.abort();
  expect(timerCount()).toBe(before);
  await expect(waiting).rejects.toThrow();
});
