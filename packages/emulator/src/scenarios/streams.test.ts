import { once } from "node:events";
import type { IncomingMessage } from "node:http";

import { expect, test } from "vitest";

import { chatBody, startGateway } from "../testing/gateway.ts";
import { type WireEvent, eventsIn, textOf } from "../testing/ndjson.ts";
import { lastCall, plainAnswer, play, question } from "../testing/played.ts";
import { createTestClock } from "../testing/test-clock.ts";

test("every-byte: the plain answer, each byte in a chunk of its own", async () => {
  await using gateway = await startGateway();
  const plain = await play(gateway, "/scenario answer");
  const response = await gateway.rawChat(`/scenario every-byte ${question}`);
  const sizes: number[] = [];
  const pieces: Buffer[] = [];
  response.on("data", (piece: Buffer) => {
    sizes.push(piece.length);
    pieces.push(piece);
  });
  await once(response, "end");
  expect(new Set(sizes)).toEqual(new Set([1]));
  expect(Buffer.concat(pieces).equals(Buffer.from(plain))).toBe(true);
  expect(plain).toMatch(/[\u0080-\u07ff]/);
  expect(plain).toMatch(/[\u0800-\uffff]/);
  expect(plain).toMatch(/[\u{10000}-\u{10ffff}]/u);
});

test("many-objects-a-line: three objects a line, glued with nothing, a space, two spaces", async () => {
  await using gateway = await startGateway();
  const { lines } = await plainAnswer(gateway);
  const expected: string[] = [];
  const tokenLines = lines.slice(0, -1);
  for (let at = 0; at < tokenLines.length; at += 3) {
    const objects = tokenLines.slice(at, at + 3);
    if (at + 3 >= tokenLines.length) objects.push(...lines.slice(-1));
    expected.push(objects.join(["", " ", "  "][(at / 3) % 3]));
  }
  expect(await play(gateway, "/scenario many-objects-a-line")).toBe(`${expected.join("\n")}\n`);
});

test("crlf-bom: a byte order mark, CRLF, a blank line after every fifth object", async () => {
  await using gateway = await startGateway();
  const { lines } = await plainAnswer(gateway);
  const expected = lines.map((line, index) =>
    index % 5 === 4 && index < lines.length - 1 ? `${line}\r\n\r\n` : `${line}\r\n`,
  );
  expect(await play(gateway, "/scenario crlf-bom")).toBe(`\uFEFF${expected.join("")}`);
});

test("malformed-line: one line that is not JSON, around it the plain answer", async () => {
  await using gateway = await startGateway();
  const { lines } = await plainAnswer(gateway);
  const text = await play(gateway, "/scenario malformed-line");
  const malformed = text
    .trimEnd()
    .split("\n")
    .filter((line) => !lines.includes(line));
  expect(malformed).toHaveLength(1);
  expect(() => JSON.parse(malformed.join(""))).toThrow(SyntaxError);
  expect(text.replace(`${malformed.join("")}\n`, "")).toBe(`${lines.join("\n")}\n`);
});

test("no-stop: the plain answer without its last line", async () => {
  await using gateway = await startGateway();
  const { lines } = await plainAnswer(gateway);
  const text = await play(gateway, "/scenario no-stop");
  expect(text).toBe(`${lines.slice(0, -1).join("\n")}\n`);
});

test("no-final-newline: the plain answer without its last byte", async () => {
  await using gateway = await startGateway();
  const { lines } = await plainAnswer(gateway);
  expect(await play(gateway, "/scenario no-final-newline")).toBe(lines.join("\n"));
});

test("done: the last event has the type done", async () => {
  await using gateway = await startGateway();
  const { tokens } = await plainAnswer(gateway);
  const events = eventsIn(await play(gateway, "/scenario done"));
  expect(events).toEqual([...tokens, { type: "done", index: tokens.length }]);
});

test("delta: tokens carry their text as delta and nothing else", async () => {
  await using gateway = await startGateway();
  const { tokens } = await plainAnswer(gateway);
  expect(eventsIn(await play(gateway, "/scenario delta"))).toEqual([
    ...tokens.map(({ content }) => ({ delta: content })),
    { type: "stop", finishReason: "stop" },
  ]);
  expect((await lastCall(gateway)).sentText).toBe(textOf(tokens));
});

test("sse: every line of the plain answer as the data of an event", async () => {
  await using gateway = await startGateway();
  const { lines } = await plainAnswer(gateway);
  const response = await gateway.chat(`/scenario sse ${question}`);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(await response.text()).toBe(lines.map((line) => `data: ${line}\n\n`).join(""));
});

test("cut: whole lines, half a line, then a broken connection and not an end", async () => {
  await using gateway = await startGateway();
  const { lines, tokens } = await plainAnswer(gateway);
  const response = await gateway.rawChat(`/scenario cut ${question}`);
  const { text, error } = await readUntilBroken(response);
  expect(error).toMatchObject({ code: "ECONNRESET" });
  const received = text.split("\n");
  const half = received.pop() ?? "";
  expect(received).toEqual(lines.slice(0, Math.floor(tokens.length / 2)));
  expect(lines[received.length]?.startsWith(half)).toBe(true);
  expect(half).not.toBe("");
  const call = await lastCall(gateway);
  expect(call).toMatchObject({ state: "answered", sentText: textOf(received.map(parsed)) });
});

function parsed(line: string): WireEvent {
  return JSON.parse(line) as WireEvent;
}

async function readUntilBroken(response: IncomingMessage) {
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (piece: string) => (text += piece));
  const [error] = (await once(response, "error")) as [unknown];
  return { text, error };
}

test("error-in-middle: half of the answer, one error, and a clean end", async () => {
  await using gateway = await startGateway();
  const { tokens } = await plainAnswer(gateway);
  const response = await gateway.chat(`/scenario error-in-middle ${question}`);
  const events = eventsIn(await response.text());
  expect(events.slice(0, -1)).toEqual(tokens.slice(0, Math.floor(tokens.length / 2)));
  expect(events.at(-1)).toEqual({
    type: "error",
    message: "The model stopped unexpectedly.",
    code: "model.error",
    status: 500,
    contextId: response.headers.get("inin-correlation-id"),
  });
});

test("unknown-type: a citation and unknown fields, around them the plain answer", async () => {
  await using gateway = await startGateway();
  const { tokens } = await plainAnswer(gateway);
  const events = eventsIn(await play(gateway, "/scenario unknown-type"));
  expect(events.find(({ type }) => type === "citation")).toEqual({
    type: "citation",
    content: expect.any(String),
    url: expect.stringMatching(/^https:/),
  });
  expect(events.filter((event) => "logprob" in event && "model" in event)).toHaveLength(1);
  expect(events.filter(({ type }) => type === "token")).toMatchObject(tokens);
  expect((await lastCall(gateway)).sentText).toBe(textOf(tokens));
});

test("huge-line: one line of about 2 MiB within an answer that stays valid", async () => {
  await using gateway = await startGateway();
  const text = await play(gateway, "/scenario huge-line");
  const sizes = text.split("\n").map((line) => Buffer.byteLength(line));
  expect(sizes.filter((size) => size > 2_000_000 && size < 2_200_000)).toHaveLength(1);
  const events = eventsIn(text);
  expect(events.map(({ index }) => index)).toEqual(events.map((_, index) => index));
  expect((await lastCall(gateway)).sentText).toBe(textOf(events));
});

test("length: the plain answer, and the stop object says so", async () => {
  await using gateway = await startGateway();
  const { lines, tokens } = await plainAnswer(gateway);
  const stop = `{"type":"stop","index":${tokens.length},"finishReason":"length"}`;
  const text = await play(gateway, "/scenario length");
  expect(text).toBe(`${[...lines.slice(0, -1), stop].join("\n")}\n`);
});

test("usage: the stop object counts the tokens of all messages and of the answer", async () => {
  await using gateway = await startGateway();
  const body = chatBody("Good morning!", "Hello.", `/scenario usage ${question}`);
  const response = await gateway.chat("", { body });
  const events = eventsIn(await response.text());
  const outputTokens = events.length - 1;
  // Good morning ! | Hello . | / scenario usage How do I reset my password ?
  expect(events.at(-1)).toEqual({
    type: "stop",
    index: outputTokens,
    finishReason: "stop",
    usage: { inputTokens: 3 + 2 + 10, outputTokens },
  });
});

test("big-token: one token of exactly 200 KiB, then stop", async () => {
  await using gateway = await startGateway();
  const [token, ...rest] = eventsIn(await play(gateway, "/scenario big-token"));
  expect(Buffer.byteLength(token?.content ?? "")).toBe(200 * 1024);
  expect(rest).toEqual([{ type: "stop", index: 1, finishReason: "stop" }]);
});

test.each([
  ["/scenario many-tokens", 1000],
  ["/scenario many-tokens 3", 3],
  ["/scenario many-tokens 0", 0],
])("%s: %i tokens without any wait", async (content, count) => {
  const clock = createTestClock({ freezeAfter: 0 });
  await using gateway = await startGateway({ tokensPerSecond: 1, clock });
  const events = eventsIn(await play(gateway, content));
  expect(events).toHaveLength(count + 1);
  expect(textOf(events)).toBe(Array.from({ length: count }, (_, index) => `${index} `).join(""));
  expect(events.at(-1)).toEqual({ type: "stop", index: count, finishReason: "stop" });
});

test("many-tokens: a count that would never end is refused", async () => {
  await using gateway = await startGateway();
  const response = await gateway.chat("/scenario many-tokens 1000001");
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    message: expect.stringContaining("at most 1000000"),
  });
});
