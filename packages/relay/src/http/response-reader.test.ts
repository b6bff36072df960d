import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { assert, expect, test } from "vitest";
import { ask, refusalIn, replyTo, responseTo } from "@gatestream/testing/ask";
import { connectRaw, rawPost } from "@gatestream/testing/raw-client";
import { isRelayError, RelayError } from "../errors.ts";
import { LogBatch } from "../log/log-batch.ts";
import { sseFormat } from "./sse.ts";
import { HttpReader, type HttpReaderOptions } from "./response-reader.ts";

const settings: HttpReaderOptions = {
  requestId: "r-1",
  // Events are texts of their own here.
  format: {
    ...sseFormat,
    begin: () => "",
    encode: (events) => events.map((event) => ("content" in event ? event.content : "")).join(""),
  },
  expiresAt: undefined,
  maxBufferedBytes: 64 * 1024,
  slowConsumerTimeoutMs: 60_000,
};
const start = {
  type: "start",
  streamId: "s-1",
  resumable: false,
  resumableForMs: 0,
  heartbeatMs: 60_000,
} as const;

function textBatch(content: string): LogBatch {
  return new LogBatch(1, [{ type: "token", content, index: 0 }]);
}

const piece = "x".repeat(64 * 1024);
/** More than the system takes in for a reader that does not read. */
const pieces = 512;

interface Serving extends AsyncDisposable {
  readonly url: string;
  /** The server's side of the next request. */
  accepted(): Promise<{ request: IncomingMessage; response: ServerResponse }>;
}

async function serve(): Promise<Serving> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async accepted() {
      const [request, response] = (await once(server, "request")) as [
        IncomingMessage,
        ServerResponse,
      ];
      return { request, response };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("the head says event stream, no caching, no buffering, and who it is", async () => {
  await using serving = await serve();
  const reply = replyTo(ask(serving.url, {}));
  const { response } = await serving.accepted();
  const reader = new HttpReader(response, settings);
  reader.open(start);
  expect(reader.write(textBatch("one"))).toBe(true);
  await reader.end();
  expect(await reply).toMatchObject({
    status: 200,
    text: "one",
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-store, no-transform",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
      "x-stream-id": "s-1",
      "x-request-id": "r-1",
    },
  });
});

test("texts of any length in bytes arrive whole, and the connection serves the next request", async () => {
  await using serving = await serve();
  using client = await connectRaw(serving.url);
  const words = ["one", "", "zwölf", "🌍".repeat(20_000), "\uD83C", "end"];
  for (let request = 0; request < 2; request += 1) {
    const accepted = serving.accepted();
    client.send(rawPost("{}"));
    const { response } = await accepted;
    const reader = new HttpReader(response, settings);
    reader.open(start);
    for (const word of words) reader.write(textBatch(word));
    await reader.end();
    // What is late is not the next response's.
    reader.write(textBatch("late"));
    expect((await client.reply())?.text).toBe(Buffer.from(words.join("")).toString());
  }
});

test("a reader that speaks HTTP/1.0 gets no chunks", async () => {
  await using serving = await serve();
  using client = await connectRaw(serving.url);
  const accepted = serving.accepted();
  client.send("GET / HTTP/1.0\r\n\r\n");
  const { response } = await accepted;
  const reader = new HttpReader(response, settings);
  reader.open(start);
  for (const word of ["one", "two"]) reader.write(textBatch(word));
  await reader.end();
  expect(await client.untilClosed()).toMatch(/\r\n\r\nonetwo$/);
});

test("what middleware makes of writes is left to it", async () => {
  await using serving = await serve();
  const reply = replyTo(ask(serving.url, {}));
  const { response } = await serving.accepted();
  const write = response.write.bind(response);
  response.write = (written: string | Uint8Array) => write(String(written).toUpperCase());
  const reader = new HttpReader(response, settings);
  reader.open(start);
  for (const word of ["one", "two"]) reader.write(textBatch(word));
  await reader.end();
  expect((await reply).text).toBe("ONETWO");
});

test("a refusal instead is a status and a JSON body", async () => {
  await using serving = await serve();
  const reply = replyTo(ask(serving.url, {}));
  const { response } = await serving.accepted();
  new HttpReader(response, settings).refuse(
    new RelayError("gateway_rate_limited", "Later.", { retryAfterMs: 1001 }),
  );
  expect(await reply).toMatchObject({ status: 429, headers: { "retry-after": "2" } });
  expect(refusalIn(await reply)).toEqual({
    code: "gateway_rate_limited",
    message: "Later.",
    retryable: true,
    retryAfterMs: 1001,
    requestId: "r-1",
  });
});

test("on a POST the request's close, when its body has been read, is not the reader leaving", async () => {
  await using serving = await serve();
  const reply = replyTo(ask(serving.url, { some: "body" }));
  const { request, response } = await serving.accepted();
  const reader = new HttpReader(response, settings);
  const requestClosed = once(request, "close");
  await text(request);
  await requestClosed;
  expect(reader.hasLeft).toBe(false);
  reader.open(start);
  reader.write(textBatch("still here"));
  await reader.end();
  expect((await reply).text).toBe("still here");
  expect(reader.hasLeft).toBe(false);
});

test("a reader that leaves is seen, and then nothing waits or throws", async () => {
  await using serving = await serve();
  const asking = ask(serving.url, {});
  const { response } = await serving.accepted();
  const reader = new HttpReader(response, settings);
  const left = new Promise<void>((resolve) => (reader.onLeft = resolve));
  asking.destroy();
  await left;
  expect(reader.hasLeft).toBe(true);
  reader.open(start);
  expect(reader.write(textBatch("nobody"))).toBe(true);
  await reader.end();
  reader.refuse(new RelayError("internal_error", "Nobody hears it."));
  expect(response.headersSent).toBe(false);
});

test("a reader that left before the reader was made is seen at once", async () => {
  await using serving = await serve();
  const asking = ask(serving.url, {});
  const { response } = await serving.accepted();
  const closed = once(response, "close");
  asking.destroy();
  await closed;
  expect(new HttpReader(response, settings).hasLeft).toBe(true);
});

test("a write is free until more than maxBufferedBytes wait", async () => {
  await using serving = await serve();
  const asking = ask(serving.url, {});
  const { response } = await serving.accepted();
  const reader = new HttpReader(response, { ...settings, maxBufferedBytes: 1024 * 1024 });
  reader.open(start);
  const incoming = responseTo(asking);
  reader.write(textBatch("begin"));
  // It is never read: what the system does not take stays here.
  await incoming;
  let hasRoom = true;
  while (hasRoom) {
    hasRoom = reader.write(textBatch(piece));
    const needsDrain = response.socket?.writableNeedDrain ?? false;
    expect(hasRoom).toBe(!needsDrain || response.writableLength <= 1024 * 1024);
  }
  expect(response.writableLength).toBeGreaterThan(1024 * 1024);
  expect(response.writableLength).toBeLessThan(1024 * 1024 + 2 * piece.length);
});

/** A reader that has not begun to read, with more waiting than is allowed. */
async function blocked(serving: Serving, options: HttpReaderOptions) {
  const asking = ask(serving.url, {});
  const { response } = await serving.accepted();
  const reader = new HttpReader(response, options);
  reader.open(start);
  reader.write(textBatch("begin"));
  const incoming = await responseTo(asking);
  for (let count = 0; count < pieces; count += 1) reader.write(textBatch(piece));
  return { asking, incoming, reader, response };
}

/** Resolves on drain. */
function roomOf(reader: HttpReader): Promise<void> {
  return new Promise((resolve) => (reader.onRoom = resolve));
}

test("the reader drains when the client reads on", async () => {
  await using serving = await serve();
  const { incoming, reader, response } = await blocked(serving, settings);
  const room = roomOf(reader);
  incoming.resume();
  await room;
  expect(response.writableLength).toBe(0);
  expect(reader.write(textBatch("more"))).toBe(true);
});

test("a blocked write whose reader leaves emits close and never drain: it has left", async () => {
  await using serving = await serve();
  const { asking, reader, response } = await blocked(serving, settings);
  let drains = 0;
  response.socket?.on("drain", () => {
    drains += 1;
  });
  const left = new Promise<void>((resolve) => (reader.onLeft = resolve));
  asking.destroy();
  await left;
  expect(drains).toBe(0);
  expect(reader.hasLeft).toBe(true);
});

test("a reader that leaves it waiting for slowConsumerTimeoutMs is a slow consumer", async () => {
  await using serving = await serve();
  const { reader, response } = await blocked(serving, { ...settings, slowConsumerTimeoutMs: 50 });
  const failure = await new Promise((resolve) => (reader.onSlow = resolve));
  assert(isRelayError(failure));
  expect(failure).toMatchObject({ code: "slow_consumer", retryable: true });
  expect(response.destroyed).toBe(false);
});

test("an end that is not read destroys the connection after slowConsumerTimeoutMs", async () => {
  await using serving = await serve();
  const { reader, response } = await blocked(serving, { ...settings, slowConsumerTimeoutMs: 50 });
  await reader.end();
  expect(response.destroyed).toBe(true);
});

test("waiting again and again leaves no listeners behind", async () => {
  await using serving = await serve();
  const { incoming, reader, response } = await blocked(serving, settings);
  const { socket } = response;
  assert(socket);
  const listeners = () => response.listenerCount("close") + socket.listenerCount("drain");
  const before = listeners();
  incoming.resume();
  for (let round = 0; round < 20; round += 1) {
    await roomOf(reader);
    while (reader.write(textBatch(piece)));
  }
  await roomOf(reader);
  expect(listeners()).toBe(before);
});
