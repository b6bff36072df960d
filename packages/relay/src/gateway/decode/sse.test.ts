import { expect, test } from "vitest";
import { SseDecoder } from "./sse.ts";
import { everySplit } from "../testing/splits.ts";

function payloadsOf(chunks: readonly Uint8Array[], maxBytes = 1024): string[] {
  const decoder = new SseDecoder(maxBytes);
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
}

test.each([
  ["events", "data: one\n\ndata: two\n\n", ["one", "two"]],
  ["CRLF", "data: one\r\n\r\ndata: two\r\n\r\n", ["one", "two"]],
  ["CR alone", "data: one\r\rdata: two\r\r", ["one", "two"]],
  ["a byte order mark", "\uFEFFdata: one\n\n", ["one"]],
  ["characters of several bytes", "data: é€👩‍🚀\n\n", ["é€👩‍🚀"]],
  ["data over several lines", "data: {\ndata: }\n\n", ["{\n}"]],
  ["no space behind the colon", "data:one\n\n", ["one"]],
  ["only the first space is the field's", "data:  one \n\n", [" one "]],
  [
    "comments, names, ids and unknown fields",
    ": x\nevent: a\nid: 1\nodd: y\ndata: one\n\n",
    ["one"],
  ],
  [
    "llama.cpp's error field",
    'data: one\n\nerror: {"code":500}\n\ndata: [DONE]\n\n',
    ["one", '{"error":{"code":500}}', "[DONE]"],
  ],
  ["an error field that is text", "error: out of memory\n", ['{"error":"out of memory"}']],
  ["an event named error", 'event: error\ndata: {"a":1}\n\n', ['{"error":{"a":1}}']],
  ["events without data", "event: a\n\n: ping\n\n", []],
  ["a last event without its blank line", "data: one\n\ndata: two\n", ["one", "two"]],
  ["a last event without any newline", "data: one\n\ndata: two", ["one", "two"]],
  ["nothing", "", []],
])("wherever the bytes are cut, the payloads are the same: %s", (_, text, payloads) => {
  const bytes = Buffer.from(text);
  expect(payloadsOf([bytes])).toEqual(payloads);
  for (const chunks of everySplit(bytes)) expect(payloadsOf(chunks)).toEqual(payloads);
});

test("an event that never ends is a protocol error at the bound, in one line or in many", () => {
  for (const line of ["x", "data: xxxx\n"]) {
    const decoder = new SseDecoder(64);
    expect(() => {
      for (let count = 0; count < 100; count += 1) {
        decoder.push(Buffer.from(count === 0 ? `data: ${line}` : line));
      }
    }).toThrow(
      expect.objectContaining({
        code: "gateway_protocol_error",
        message: "The gateway sent an event longer than 64 bytes.",
      }),
    );
  }
});

test("events before one that is too long come first, also from the same chunk", () => {
  const decoder = new SseDecoder(16);
  const text = `data: one\n\ndata: two\n\ndata: ${"x".repeat(32)}`;
  expect(decoder.push(Buffer.from(text))).toEqual(["one", "two"]);
  expect(() => decoder.push(Buffer.from("\n\ndata: three\n\n"))).toThrow("longer than 16 bytes");
  expect(() => decoder.end()).toThrow("longer than 16 bytes");
});

test("the bound is for each event: a long answer of short events passes", () => {
  expect(payloadsOf([Buffer.from("data: x\n\n".repeat(1000))], 16)).toHaveLength(1000);
});

test.each([
  ["comments", ":x"],
  ["data", "data: x"],
])("what is unfinished is bounded, whatever it is: %s", (_, text) => {
  const decoder = new SseDecoder(64);
  expect(() => decoder.push(Buffer.from(text.repeat(64)))).toThrow("longer than 64 bytes");
});
