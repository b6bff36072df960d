import { once } from "node:events";
import type { IncomingMessage } from "node:http";

import { expect, test } from "vitest";

import {
  type PlainCompletion,
  chunksIn,
  levelled,
  plainCompletion,
  playCompletion,
  textOfChunks,
} from "../testing/completions.ts";
import { startGateway } from "../testing/gateway.ts";
import { lastCall, question } from "../testing/played.ts";
import { createTestClock } from "../testing/test-clock.ts";

type Pieces = readonly string[];

const half = (tokens: Pieces): number => Math.floor(tokens.length / 2);
const malformed = 'data: {"choices":[{"index":0,"delta":{"content":"never clo\n\n';
const error =
  'data: {"error":{"message":"The model stopped unexpectedly.","type":"server_error","code":"model_error"}}\n\n';

test.each<[string, (plain: PlainCompletion) => Pieces]>([
  ["answer", ({ events }) => events],
  ["no-stop", ({ role, tokens }) => [...role, ...tokens]],
  [
    "length",
    ({ role, tokens, end }) => [
      ...role,
      ...tokens,
      ...end.map((event) => event.replace('"finish_reason":"stop"', '"finish_reason":"length"')),
    ],
  ],
  ["gzip", ({ events }) => events],
  [
    "malformed-line",
    ({ role, tokens, end }) => [
      ...role,
      ...tokens.slice(0, half(tokens)),
      malformed,
      ...tokens.slice(half(tokens)),
      ...end,
    ],
  ],
  ["error-in-middle", ({ role, tokens }) => [...role, ...tokens.slice(0, half(tokens)), error]],
  [
    "crlf-bom",
    ({ role, tokens, end }) =>
      [
        "\uFEFF",
        ...role,
        ...tokens.map((event, index) => (index % 5 === 4 ? `${event}: ping\n\n` : event)),
        ...end,
      ].map((event) => event.replaceAll("\n", "\r\n")),
  ],
  ["no-final-newline", ({ events }) => [...events.slice(0, -1), "data: [DONE]"]],
])("%s: the plain answer, changed as it should be", async (name, expected) => {
  await using gateway = await startGateway();
  const plain = await plainCompletion(gateway);
  const text = await playCompletion(gateway, `/scenario ${name}`);
  expect(text).toBe(expected(plain).join(""));
  expect(await lastCall(gateway)).toMatchObject({ scenario: name, state: "answered" });
});

test("every-byte: the plain answer, each byte in a chunk of its own", async () => {
  await using gateway = await startGateway();
  const { events } = await plainCompletion(gateway);
  const response = await gateway.rawChat(`/scenario every-byte ${question}`, "openai");
  const pieces: Buffer[] = [];
  response.on("data", (piece: Buffer) => pieces.push(piece));
  await once(response, "end");
  expect(new Set(pieces.map(({ length }) => length))).toEqual(new Set([1]));
  expect(levelled(Buffer.concat(pieces).toString())).toBe(events.join(""));
});

test("cut: whole events, half an event, then a broken connection and not an end", async () => {
  await using gateway = await startGateway();
  const { role, tokens } = await plainCompletion(gateway);
  const response = await gateway.rawChat(`/scenario cut ${question}`, "openai");
  const { text, error: broken } = await readUntilBroken(response);
  expect(broken).toMatchObject({ code: "ECONNRESET" });
  const whole = [...role, ...tokens.slice(0, half(tokens))].join("");
  const received = levelled(text);
  expect(received.startsWith(whole)).toBe(true);
  const rest = received.slice(whole.length);
  expect(rest).not.toBe("");
  expect(tokens[half(tokens)]?.startsWith(rest)).toBe(true);
});

async function readUntilBroken(response: IncomingMessage) {
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (piece: string) => (text += piece));
  const [broken] = (await once(response, "error")) as [unknown];
  return { text, error: broken };
}

test("huge-line: one event of more than 2 MiB, around it the plain answer", async () => {
  await using gateway = await startGateway();
  const { events } = await plainCompletion(gateway);
  const text = await playCompletion(gateway, "/scenario huge-line");
  const received = text.split(/(?<=\n\n)/);
  const huge = received.filter(({ length }) => length > 2 * 1024 * 1024 - 22);
  expect(huge).toHaveLength(1);
  expect(received.filter((event) => !huge.includes(event))).toEqual(events);
});

test.each([
  ["big-token", "", 1, 200 * 1024],
  ["many-tokens", "", 1000, 3890],
  ["many-tokens", "3", 3, 6],
  ["many-tokens", "0", 0, 0],
])("%s %s: %i tokens, %i bytes, without any wait", async (name, argument, count, bytes) => {
  const clock = createTestClock({ freezeAfter: 0 });
  await using gateway = await startGateway({ tokensPerSecond: 1, clock });
  const response = await gateway.complete(`/scenario ${name} ${argument}`);
  const chunks = chunksIn(await response.text());
  expect(chunks).toHaveLength(1 + count + 1);
  expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
  expect(chunks.at(-1)?.choices[0]).toEqual({ index: 0, delta: {}, finish_reason: "stop" });
  expect(Buffer.byteLength(textOfChunks(chunks))).toBe(bytes);
});

test.each(["slow-headers", "slow-first-token"])(
  "%s: the plain answer after the wait that was asked for",
  async (name) => {
    const clock = createTestClock();
    await using gateway = await startGateway({ slowFirstTokenMs: 1234, clock });
    const { events } = await plainCompletion(gateway);
    expect(await playCompletion(gateway, `/scenario ${name}`)).toBe(events.join(""));
    expect(clock.waitsMs).toEqual([1234]);
  },
);

test("stall: the role, eight tokens and then nothing until the reader leaves", async () => {
  await using gateway = await startGateway({ scenario: "stall" });
  const { role, tokens } = await plainCompletion(gateway);
  const expected = [...role, ...tokens.slice(0, 8)].join("");
  const response = await gateway.rawChat(question, "openai");
  let text = "";
  for await (const piece of response as AsyncIterable<Buffer>) {
    text += piece.toString();
    if (levelled(text).length >= expected.length) break;
  }
  expect(levelled(text)).toBe(expected);
  const call = await gateway.emulator.waitFor(({ state }) => state === "aborted");
  expect(call).toMatchObject({ dialect: "openai", scenario: "stall", status: 200 });
});

test("silent: no headers while the connection is open", async () => {
  await using gateway = await startGateway({ scenario: "silent" });
  const failed = expect(gateway.complete("Hello")).rejects.toThrow();
  const call = await gateway.emulator.waitFor(({ scenario }) => scenario === "silent");
  expect(call.status).toBeUndefined();
  await gateway.emulator.close();
  await failed;
});

test.each([
  ["html", 200, "text/html; charset=utf-8", /^<!doctype html>[^]*Sign in/],
  ["empty", 200, "text/event-stream", /^$/],
  ["no-content", 204, null, /^$/],
])("%s: status %i, content type %s", async (name, status, contentType, body) => {
  await using gateway = await startGateway();
  const response = await gateway.complete(`/scenario ${name}`);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe(contentType);
  expect(await response.text()).toMatch(body);
});
