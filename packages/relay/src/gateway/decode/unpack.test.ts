import { once } from "node:events";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { RelayError } from "../../errors.ts";
import { readAll, bodyOf, responseOf } from "../testing/upstream-responses.ts";
import { unpacked } from "./unpack.ts";

const text = '{"type":"token","content":"é€👍"}\n'.repeat(100);

async function* bytesOf(body: Buffer) {
  for (const byte of body) yield [Uint8Array.of(byte)];
}

function response(coding: string | undefined, body: Buffer) {
  const headers = coding === undefined ? {} : { "content-encoding": coding };
  return responseOf(bytesOf(body), headers);
}

async function textOf(coding: string | undefined, body: Buffer) {
  const { items, failure } = await readAll(bodyOf(unpacked(response(coding, body))));
  return { text: Buffer.concat(items.flat()).toString(), failure };
}

test.each([
  ["gzip", gzipSync(text)],
  ["X-GZIP", gzipSync(text)],
  ["deflate", deflateSync(text)],
  ["br", brotliCompressSync(text)],
  ["identity", Buffer.from(text)],
  [undefined, Buffer.from(text)],
])("a body in the coding %s is decoded, wherever its bytes are cut", async (coding, body) => {
  expect(await textOf(coding, body)).toEqual({ text, failure: undefined });
});

test("an unknown coding is a protocol error", () => {
  expect(() => unpacked(response("zip", Buffer.from(text)))).toThrow(RelayError);
});

test.each([
  ["bytes that are no gzip", Buffer.from(text)],
  ["a gzip that breaks off", gzipSync(text).subarray(0, -12)],
])("%s end the answer as a protocol error", async (_, body) => {
  const { failure } = await textOf("gzip", body);
  expect(failure).toMatchObject({ code: "gateway_protocol_error" });
});

test("a connection that breaks stays what it is", async () => {
  const cut = new RelayError("gateway_interrupted", "Cut.");
  async function* body() {
    yield [gzipSync(text).subarray(0, 20)];
    throw cut;
  }
  const { failure } = await readAll(
    bodyOf(unpacked(responseOf(body(), { "content-encoding": "gzip" }))),
  );
  expect(failure).toBe(cut);
});

test("leaving a body that says nothing more does not wait for it", async () => {
  const left = new AbortController();
  const chunks = [[gzipSync(text).subarray(0, 5)]];
  const body: AsyncIterable<readonly Uint8Array[]> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const value = chunks.shift();
        if (value !== undefined) return { done: false, value };
        if (!left.signal.aborted) await once(left.signal, "abort");
        return { done: true, value: undefined };
      },
      async return() {
        left.abort();
        return { done: true, value: undefined };
      },
    }),
  };
  const headers = { "content-encoding": "gzip" };
  const iterator = bodyOf(unpacked(responseOf(body, headers)));
  const pending = iterator.next();
  await iterator.return?.();
  await expect(pending).resolves.toEqual({ done: true, value: undefined });
});
