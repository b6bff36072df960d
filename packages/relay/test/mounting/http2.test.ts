import { once } from "node:events";
import { connect, createServer, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { ask, question } from "@gatestream/testing/ask";
import { createReader } from "@gatestream/testing/resuming-reader";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";

interface Http2Host extends AsyncDisposable {
  readonly session: ClientHttp2Session;
}

/** An HTTP/2 server with the relay in it, and a client's connection to it. */
async function startHttp2({ relay }: RelayUnderTest): Promise<Http2Host> {
  const server = createServer((request, response) => relay.handler(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const session = connect(`http://127.0.0.1:${port}`);
  return {
    session,
    async [Symbol.asyncDispose]() {
      session.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function post({ session }: Http2Host, body: unknown, path = "/api/llm/stream"): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/json",
  });
  stream.setEncoding("utf8");
  stream.end(JSON.stringify(body));
  return stream;
}

async function until(stream: ClientHttp2Stream, end: string): Promise<string> {
  let received = "";
  for await (const piece of stream.iterator({ destroyOnReturn: false })) {
    received += piece;
    if (received.includes(end)) break;
  }
  return received;
}

test("over HTTP/2 a whole answer arrives, with its head", async () => {
  await using under = await startRelay();
  await using host = await startHttp2(under);
  const stream = post(host, question("/scenario many-tokens 5000"));
  const [headers] = await once(stream, "response");
  expect(headers).toMatchObject({
    ":status": 200,
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-store, no-transform",
  });
  expect(await text(stream)).toMatch(/data: \{"type":"stop","reason":"stop"\}\nid: 5001\n\n$/);
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    ending: "stop",
    readerLeft: false,
  });
});

test("over HTTP/2 one connection carries many streams, and one that leaves ends alone", async () => {
  await using under = await startRelay({ emulator: { scenario: "stall" } });
  await using host = await startHttp2(under);
  const streams = Array.from({ length: 10 }, () => post(host, question("Hello")));
  await Promise.all(streams.map((stream) => until(stream, "id: 8\n")));
  const [leaving, ...staying] = streams;
  leaving?.close(8);
  await under.emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
  expect(await under.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
  const open = under.emulator.calls.filter(
    ({ kind, state }) => kind === "chat" && state === "open",
  );
  expect(open).toHaveLength(staying.length);
});

test("over HTTP/2 a connection that is lost lets the gateway go", async () => {
  await using under = await startRelay({ emulator: { scenario: "silent" } });
  await using host = await startHttp2(under);
  const stream = post(host, question("Hello"));
  stream.on("error", () => {});
  await under.emulator.waitFor(({ scenario }) => scenario === "silent");
  host.session.destroy();
  await under.emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
});

test("over HTTP/2 a reader that does not read holds back the gateway, and is dropped", async () => {
  await using under = await startRelay({ maxBufferedBytes: 1_024, slowConsumerTimeoutMs: 200 });
  await using host = await startHttp2(under);
  const stream = post(host, question("/scenario many-tokens 100000"));
  stream.on("error", () => {});
  await once(stream, "response");
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    error: { code: "slow_consumer" },
  });
  const chat = await under.emulator.waitFor(({ state }) => state === "aborted");
  expect(chat.sentText.endsWith("99999 ")).toBe(false);
});

test("over HTTP/2 a body that is cut off starts nothing", async () => {
  await using under = await startRelay();
  await using host = await startHttp2(under);
  const stream = host.session.request({
    ":method": "POST",
    ":path": "/api/llm/stream",
    "content-type": "application/json",
  });
  stream.on("error", () => {});
  stream.write('{"config', () => stream.close(8));
  expect(await under.untilObserved("request_refused")).toMatchObject({
    error: { code: "invalid_request" },
  });
  expect(under.emulator.calls).toEqual([]);
});

test("over HTTP/2 refusals are statuses and JSON", async () => {
  await using under = await startRelay();
  await using host = await startHttp2(under);
  for (const [body, path, status, code] of [
    [{}, "/api/llm/stream", 400, "invalid_request"],
    [{}, "/nowhere", 404, "not_found"],
  ] as const) {
    const stream = post(host, body, path);
    const [headers] = await once(stream, "response");
    expect(headers[":status"]).toBe(status);
    expect(JSON.parse(await text(stream))).toMatchObject({ error: { code } });
  }
});

test("over HTTP/2 a stream is polled, and a client that leaves while it waits is left", async () => {
  await using under = await startRelay({ emulator: { scenario: "stall" }, orphanGraceMs: 100 });
  await using host = await startHttp2(under);
  // Until the poll waits, somebody else reads it.
  const reader = createReader();
  await reader.open(ask(under.streamUrl, { ...question("Hello"), onDisconnect: "detach" }));
  await reader.readTo(8);
  const path = `/api/llm/stream/${reader.streamId}`;
  const get = (query: string): ClientHttp2Stream =>
    host.session.request({ ":path": `${path}?${query}`, accept: "application/json" });
  expect(JSON.parse(await text(get("after=7")))).toMatchObject({ next: 8, isOver: false });
  const polling = get("after=8");
  // Answered behind it.
  expect(JSON.parse(await text(get("after=8&wait=0")))).toMatchObject({ events: [] });
  reader.cut();
  polling.close();
  expect(await under.untilObserved("stream_ended")).toMatchObject({ ending: "abandoned" });
});
