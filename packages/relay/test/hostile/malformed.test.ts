import { expect, test } from "vitest";
import { expectRefused } from "@gatestream/testing/expect-refused";
import { connectRaw, rawHead } from "@gatestream/testing/raw-client";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const head = "POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\n";

function chunked(body: string): Buffer {
  return Buffer.concat([rawHead("Transfer-Encoding: chunked\r\n"), Buffer.from(body)]);
}

test.each<[string, string | Buffer]>([
  ["a greeting", "hello there\r\n\r\n"],
  ["an unknown method", "FROB /api/llm/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["a method in small letters", "post /api/llm/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["an unknown version", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"],
  ["NUL in the path", "GET /a\0b HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["a path that is not ASCII", "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["no Host", "GET / HTTP/1.1\r\n\r\n"],
  ["a header without a colon", `${head}Accept\r\n\r\n`],
  ["a header's name with a space", `${head}Accept : */*\r\n\r\n`],
  ["NUL in a header", `${head}Accept: a\0b\r\n\r\n`],
  ["a bare CR in a header", `${head}Accept: a\rb\r\n\r\n`],
  ["a header on two lines", `${head}Accept: a\r\n b\r\n\r\n`],
  ["lines that end in LF", "GET / HTTP/1.1\nHost: localhost\n\n"],
  ["two lengths", rawHead("Content-Length: 2\r\nContent-Length: 3\r\n")],
  ["a negative length", rawHead("Content-Length: -2\r\n")],
  ["a hexadecimal length", rawHead("Content-Length: 0x10\r\n")],
  ["a length and chunks", rawHead("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n")],
  ["chunks and a length", rawHead("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n")],
  ["a coding that is not chunked", rawHead("Transfer-Encoding: gzip\r\n")],
  ["chunked, but not last", rawHead("Transfer-Encoding: chunked, gzip\r\n")],
  ["a chunk's size that is no number", chunked("zz\r\n")],
  ["a chunk's size below zero", chunked("-1\r\n")],
  ["a chunk's size that no number holds", chunked(`${"f".repeat(20)}\r\n`)],
  ["a chunk longer than its size", chunked("2\r\n{}}}\r\n0\r\n\r\n")],
  ["a chunk's extension of 20 KiB", chunked(`2;${"x".repeat(20_480)}\r\n{}\r\n0\r\n\r\n`)],
])("%s: refused, and the connection is closed", async (_, bytes) => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(bytes);
  const reply = await client.reply();
  // Either node:http says so by itself, or it has cut off a body that the relay was reading.
  expect([undefined, "invalid_request"]).toContain(expectRefused(reply));
  await client.untilClosed();
  expect(under.emulator.calls).toEqual([]);
  await under.expectUnharmed();
});

test("a second request hidden behind two lengths is never looked at", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(rawHead("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n"));
  client.send("0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(expectRefused(await client.reply())).toBe(undefined);
  expect(await client.untilClosed()).toBe("");
  expect(under.observed).toEqual([]);
  await under.expectUnharmed();
});
