import { EventEmitter, once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createRelay } from "../../src/relay.ts";
import { ask, question, refusalIn, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { parseStream } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";

test("a stream that runs may finish within the grace", async () => {
  await using under = await startRelay({
    shutdownGraceMs: 60_000,
    emulator: { scenario: "slow-first-token", slowFirstTokenMs: 150 },
  });
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  const closed = under.relay.close();
  const { events } = parseStream(await text(response));
  expect(events.at(-1)?.event).toEqual({ type: "stop", reason: "stop" });
  await closed;
});

test("after the grace a stream ends with relay_draining, its terminal event", async () => {
  await using under = await startRelay({ shutdownGraceMs: 50, emulator: { scenario: "stall" } });
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  const before = await textUntil(response, (soFar) => soFar.includes("id: 8\n"));
  const [after] = await Promise.all([text(response), under.relay.close()]);
  expect(parseStream(before + after).events.at(-1)).toEqual({
    name: undefined,
    id: "9",
    event: {
      type: "error",
      code: "relay_draining",
      message: "This relay is shutting down.",
      retryable: true,
      retryAfterMs: 1_000,
      requestId: expect.any(String),
    },
  });
  const call = under.emulator.calls.find(({ kind }) => kind === "chat");
  expect(call?.state).toBe("aborted");
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    error: { code: "relay_draining" },
    readerLeft: false,
  });
});

test("after the grace a stream whose headers are still held is refused with 503", async () => {
  await using under = await startRelay({ emulator: { scenario: "silent" } });
  const reply = replyTo(ask(under.streamUrl, question("Hello")));
  await under.emulator.waitFor(({ scenario }) => scenario === "silent");
  const [refused] = await Promise.all([reply, under.relay.close()]);
  expect(refused.status).toBe(503);
  expect(refusalIn(refused).code).toBe("relay_draining");
});

test("during the grace the relay still answers: it is alive, not ready, and takes no new stream", async () => {
  await using under = await startRelay({
    shutdownGraceMs: 60_000,
    emulator: { scenario: "stall" },
  });
  const running = await responseTo(ask(under.streamUrl, question("Hello")));
  const get = { method: "GET" };
  expect((await replyTo(ask(`${under.url}/readyz`, undefined, get))).status).toBe(200);
  const closed = under.relay.close();
  const refused = await replyTo(ask(under.streamUrl, question("Hello")));
  expect([refused.status, refusalIn(refused).code]).toEqual([503, "relay_draining"]);
  expect(refused.headers.connection).toBe("close");
  const ready = await replyTo(ask(`${under.url}/readyz`, undefined, get));
  expect([ready.status, ready.text]).toEqual([503, '{"status":"draining"}']);
  expect((await replyTo(ask(`${under.url}/healthz`, undefined, get))).status).toBe(200);
  running.destroy();
  await closed;
  const [failure] = await once(connect(Number(new URL(under.url).port), "127.0.0.1"), "error");
  expect(failure).toMatchObject({ code: "ECONNREFUSED" });
});

test("during the grace new requests are refused: on a host's server with 503 relay_draining", async () => {
  await using under = await startRelay({
    shutdownGraceMs: 60_000,
    emulator: { scenario: "stall" },
  });
  await using host = await startHost(under.relay.handler);
  const url = `${host.url}/api/llm/stream`;
  const running = await responseTo(ask(url, question("Hello")));
  const closed = under.relay.close();
  const reply = await replyTo(ask(url, question("Hello")));
  expect(reply.status).toBe(503);
  expect(refusalIn(reply)).toMatchObject({ code: "relay_draining", retryable: true });
  running.destroy();
  await closed;
  expect((await replyTo(ask(url, question("Hello")))).status).toBe(503);
});

test("a request that was being sent when the stop came is refused, not left without an answer", async () => {
  await using under = await startRelay({
    shutdownGraceMs: 60_000,
    emulator: { scenario: "stall" },
  });
  const running = await responseTo(ask(under.streamUrl, question("Hello")));
  const socket = connect(Number(new URL(under.url).port), "127.0.0.1");
  const body = JSON.stringify(question("Hello"));
  socket.write(
    "POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  const [carryOn] = await once(socket, "data");
  expect(String(carryOn)).toContain("100 Continue");
  const closed = under.relay.close();
  socket.write(body);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 503 [^]*"relay_draining"/);
  running.destroy();
  await closed;
});

test("a reader that does not read does not hold up the stop", async () => {
  await using under = await startRelay({ maxBufferedBytes: 1024, slowConsumerTimeoutMs: 100 });
  const asking = ask(under.streamUrl, question("/scenario many-tokens 1000000"));
  await responseTo(asking);
  await under.emulator.waitFor(({ sentText }) => sentText.length > 100_000);
  await under.relay.close();
  expect(under.observed.at(-1)).toMatchObject({ type: "stream_ended" });
  asking.destroy();
});

test("close may be called twice, and by a relay that never listened", async () => {
  const under = await startRelay();
  await Promise.all([under.relay.close(), under.relay.close()]);
  await under.relay.close();
  await under.emulator.close();
  const genesys = { clientId: "a", clientSecret: "b", environment: "mypurecloud.de" };
  await createRelay({ genesys }).close();
});

test("idle kept-alive connections are closed at once", async () => {
  await using under = await startRelay({
    shutdownGraceMs: 60_000,
    emulator: { scenario: "stall" },
  });
  const running = await responseTo(ask(under.streamUrl, question("Hello")));
  const agent = new Agent({ keepAlive: true });
  const request = httpRequest(`${under.url}/nowhere`, { agent }).end();
  const [socket] = (await once(request, "socket")) as [Socket];
  await text(await responseTo(request));
  expect(socket.destroyed).toBe(false);
  const gone = once(socket, "close");
  const closed = under.relay.close();
  await gone;
  running.destroy();
  await closed;
  agent.destroy();
});

test("a reader that does not read cannot hold up the stop much longer than the grace", async () => {
  await using under = await startRelay({ slowConsumerTimeoutMs: 600_000 });
  const writes = new EventEmitter();
  const blocked = once(writes, "blocked");
  await using host = await startHost((incoming, outgoing) => {
    const write = outgoing.write.bind(outgoing);
    outgoing.write = (chunk: unknown) => {
      const hasRoom = write(chunk);
      if (outgoing.writableLength > 1_048_576) writes.emit("blocked");
      return hasRoom;
    };
    under.relay.handler(incoming, outgoing);
  });
  const response = await responseTo(
    ask(`${host.url}/api/llm/stream`, question("/scenario many-tokens 1000000")),
  );
  await blocked;
  await under.relay.close();
  await expect(text(response)).rejects.toThrow("aborted");
});
