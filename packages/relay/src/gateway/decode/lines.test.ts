import { expect, test } from "vitest";
import { LineDecoder } from "./lines.ts";
import { everySplit } from "../testing/splits.ts";

function linesOf(chunks: readonly Uint8Array[], maxBytes = 1024): string[] {
  const decoder = new LineDecoder(maxBytes);
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
}

test.each([
  ["lines that end with a line feed", "one\ntwo\n", ["one", "two"]],
  ["a last line without newline", "one\ntwo", ["one", "two"]],
  ["characters of two, three and four bytes", "é\n€uro\n👩‍🚀\n", ["é", "€uro", "👩‍🚀"]],
  ["a byte order mark", "\uFEFF{}\n{}\n", ["{}", "{}"]],
  ["a byte order mark before the only line", "\uFEFF{}", ["{}"]],
  ["a mark that is not at the start", "{}\n\uFEFF{}\n", ["{}", "\uFEFF{}"]],
  ["two marks at the start", "\uFEFF\uFEFF{}\n", ["\uFEFF{}"]],
  ["CRLF, whose CR is left to the JSON parser", "one\r\ntwo\r\n", ["one\r", "two\r"]],
  ["blank lines", "\n\none\n\r\n\n", ["", "", "one", "\r", ""]],
  ["nothing", "", []],
])("wherever the bytes are cut, the lines are the same: %s", (_, text, lines) => {
  const bytes = Buffer.from(text);
  expect(linesOf([bytes])).toEqual(lines);
  for (const chunks of everySplit(bytes)) expect(linesOf(chunks)).toEqual(lines);
});

test("two cuts anywhere change nothing", () => {
  const text = '\uFEFF{"a":"é€👍"}\r\n\n{"b":1}';
  const bytes = Buffer.from(text);
  const lines = ['{"a":"é€👍"}\r', "", '{"b":1}'];
  for (let from = 0; from <= bytes.length; from += 1) {
    for (let to = from; to <= bytes.length; to += 1) {
      const chunks = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
      expect(linesOf(chunks)).toEqual(lines);
    }
  }
});

test("a chunk that is a view into a larger buffer is read where it lies", () => {
  const buffer = new TextEncoder().encode("xxone\ntwo\nxx").buffer;
  expect(linesOf([new Uint8Array(buffer, 2, 8)])).toEqual(["one", "two"]);
});

test("bytes that are not UTF-8 become replacement characters, and the next line is whole", () => {
  expect(linesOf([Buffer.from([0xff, 0xe2, 0x82, 0x0a, 0x41])])).toEqual(["\uFFFD\uFFFD", "A"]);
});

test("a line exactly at the bound passes wherever it is cut, with newline and without", () => {
  for (const text of ["12345678\n", "12345678", "é€1é\n"]) {
    const bytes = Buffer.from(text);
    for (const chunks of everySplit(bytes)) {
      expect(linesOf(chunks, 9 - (bytes.length % 2))).toEqual([text.trimEnd()]);
    }
  }
});

test("a line one byte above the bound is a protocol error wherever it is cut", () => {
  const failure = expect.objectContaining({
    code: "gateway_protocol_error",
    message: "The gateway sent a line longer than 8 bytes.",
  });
  for (const text of ["123456789\n", "123456789", "ok\n123456789\n", "€€€\n"]) {
    for (const chunks of [[Buffer.from(text)], ...everySplit(Buffer.from(text))]) {
      expect(() => linesOf(chunks, 8)).toThrow(failure);
    }
  }
});

test("a byte order mark counts towards the bound, wherever it is cut off", () => {
  for (const chunks of everySplit(Buffer.from("\uFEFF12345\n"))) {
    expect(linesOf(chunks, 8)).toEqual(["12345"]);
    expect(() => linesOf(chunks, 7)).toThrow("longer than 7 bytes");
  }
});

test("a line that never ends is given up at the bound, not at its end", () => {
  const decoder = new LineDecoder(8);
  expect(decoder.push(Buffer.from("12345678"))).toEqual([]);
  expect(() => decoder.push(Buffer.from("9"))).toThrow("longer than 8 bytes");
});

test("lines before one that is too long come first, also from the same chunk", () => {
  for (const text of ["one\ntwo\n123456789", "one\ntwo\n123456789\n"]) {
    const decoder = new LineDecoder(8);
    expect(decoder.push(Buffer.from(text))).toEqual(["one", "two"]);
    expect(() => decoder.push(Buffer.from("\nthree\n"))).toThrow("longer than 8 bytes");
    expect(() => decoder.end()).toThrow("longer than 8 bytes");
  }
});

test("the bound is for each line: a long answer of short lines passes", () => {
  expect(linesOf([Buffer.from("1234567\n".repeat(1000))], 8)).toHaveLength(1000);
});

test("a line of a million bytes that come in small chunks is put together once", () => {
  const line = "0123456789".repeat(100_000);
  const bytes = Buffer.from(`${line}\n`);
  const chunks = Array.from({ length: Math.ceil(bytes.length / 100) }, (_, index) =>
    bytes.subarray(index * 100, (index + 1) * 100),
  );
  expect(linesOf(chunks, line.length)).toEqual([line]);
});
