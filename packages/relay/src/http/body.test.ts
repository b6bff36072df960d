import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { setImmediate as loopTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { isRelayError, toRelayError } from "../errors.ts";
import { readJson } from "./body.ts";

interface Reading extends AsyncDisposable {
  readonly socket: Socket;
  /** What `readJson` makes of the next request: its value, or the error. */
  next(): Promise<unknown>;
}

/** A server that reads one JSON body after the other from a raw connection. */
async function startReading(
  maxBodyBytes = 1024,
  prepare: (request: IncomingMessage & { body?: unknown }) => void = () => {},
): Promise<Reading> {
  const results: unknown[] = [];
  const server = createServer((request, response) => {
    prepare(request);
    readJson(request, { maxBodyBytes })
      .catch(toRelayError)
      .then((result) => {
        results.push(result);
        response.writeHead(isRelayError(result) ? result.status : 200).end();
        server.emit("result");
      })
      .catch((failure: unknown) => server.emit("error", failure));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  return {
    socket,
    async next() {
      if (results.length === 0) await once(server, "result");
      return results.shift();
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function post(body: string | Buffer, headers: Record<string, string | number> = {}): Buffer {
  const bytes = Buffer.from(body);
  const all = {
    Host: "test",
    "Content-Type": "application/json",
    "Content-Length": bytes.length,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\n${lines.join("")}\r\n`), bytes]);
}

test.each([
  "application/json",
  "application/json; charset=utf-8",
  "Application/JSON ;charset=UTF-8",
])("a body of type %s is read", async (type) => {
  await using reading = await startReading();
  reading.socket.write(post('{"a":[1,"é"]}', { "Content-Type": type }));
  expect(await reading.next()).toEqual({ a: [1, "é"] });
});

test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonl", ""])(
  "a body of type %j is unsupported_media_type",
  async (type) => {
    await using reading = await startReading();
    reading.socket.write(post("{}", { "Content-Type": type }));
    expect(await reading.next()).toMatchObject({ code: "unsupported_media_type", status: 415 });
  },
);

test("a compressed body is unsupported_media_type, and identity is none", async () => {
  await using reading = await startReading();
  reading.socket.write(post(gzipSync("{}"), { "Content-Encoding": "gzip" }));
  expect(await reading.next()).toMatchObject({
    code: "unsupported_media_type",
    message: "The body must not be compressed.",
  });
  reading.socket.write(post("{}", { "Content-Encoding": "identity" }));
  expect(await reading.next()).toEqual({});
});

test("a body split at every byte is the same body", async () => {
  const text = '{"content":"é\u{1F600}\\n"}';
  const { length } = Buffer.from(text);
  await using reading = await startReading();
  reading.socket.setNoDelay(true);
  for (let at = 1; at < length; at += 1) {
    const request = post(text);
    const cut = request.length - length + at;
    reading.socket.write(request.subarray(0, cut));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    reading.socket.write(request.subarray(cut));
    expect(await reading.next()).toEqual({ content: "é\u{1F600}\n" });
  }
});

test.each([
  ["nothing", ""],
  ["half an object", '{"a":'],
  ["text", "hello"],
  ["invalid UTF-8", Buffer.from([0x22, 0xc3, 0x28, 0x22])],
])("%s is invalid_request", async (_, body) => {
  await using reading = await startReading();
  reading.socket.write(post(body));
  expect(await reading.next()).toMatchObject({
    code: "invalid_request",
    message: "The body is not valid JSON in UTF-8.",
  });
});

test("what does not parse is not kept: a parser's message quotes the prompt", async () => {
  await using reading = await startReading();
  reading.socket.write(post('{"content": my secret prompt}'));
  const error = await reading.next();
  expect(error).toMatchObject({ code: "invalid_request" });
  expect(toRelayError(error).cause).toBeUndefined();
});

test("a body of exactly maxBodyBytes is read, one byte more is payload_too_large", async () => {
  await using reading = await startReading(1024);
  reading.socket.write(post(JSON.stringify("x".repeat(1022))));
  expect(await reading.next()).toBe("x".repeat(1022));
  reading.socket.write(post(JSON.stringify("x".repeat(1023))));
  expect(await reading.next()).toMatchObject({
    code: "payload_too_large",
    status: 413,
    message: "The body is larger than maxBodyBytes (1024).",
  });
});

test("the limit counts what arrives, not what a header says: a chunked body", async () => {
  await using reading = await startReading(1024);
  reading.socket.write(
    "POST / HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n" +
      `Transfer-Encoding: chunked\r\n\r\n1000\r\n${"x".repeat(4096)}\r\n`,
  );
  expect(await reading.next()).toMatchObject({ code: "payload_too_large" });
});

test("a body that is announced to be too large is not waited for", async () => {
  await using reading = await startReading(1024);
  reading.socket.write(post("", { "Content-Length": 1025 }));
  expect(await reading.next()).toMatchObject({ code: "payload_too_large" });
});

test("a body in chunks of one byte takes its bytes, not an object for each", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const chunks = 50_000;
  let reader: IncomingMessage | undefined;
  await using reading = await startReading(chunks, (request) => {
    reader = request;
  });
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const head =
    "POST / HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n" +
    "Transfer-Encoding: chunked\r\n\r\n";
  reading.socket.write(head + "1\r\n7\r\n".repeat(chunks));
  const bytes = head.length + 6 * chunks;
  while (reader === undefined || reader.socket.bytesRead < bytes || reader.readableLength > 0) {
    await loopTurn();
  }
  collectGarbage();
  expect((process.memoryUsage().heapUsed - before) / chunks).toBeLessThan(50);
  reading.socket.write("0\r\n\r\n");
  expect(await reading.next()).toBe(Infinity);
});

test("the rest of a body that is too large is let through, so that the connection goes on", async () => {
  await using reading = await startReading(1024);
  const bytes = 8 * 1024 * 1024;
  reading.socket.write(post("x".repeat(bytes)));
  reading.socket.write(post('"next"'));
  expect(await reading.next()).toMatchObject({ code: "payload_too_large" });
  expect(await reading.next()).toBe("next");
});

test("a body that is cut off is invalid_request", async () => {
  await using reading = await startReading();
  reading.socket.write(post('{"a":', { "Content-Length": 100 }), () => reading.socket.destroy());
  expect(await reading.next()).toMatchObject({
    code: "invalid_request",
    message: "The body was cut off.",
  });
});

test("a body that a host's parser has read already is taken as it is", async () => {
  await using reading = await startReading(1024, (request) => {
    request.body = { parsed: true };
  });
  reading.socket.write(post("{}"));
  expect(await reading.next()).toEqual({ parsed: true });
});
