import type { StartFrame } from "@gatestream/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { createClient, type RecoveryOptions } from "../create-client.ts";
import { anyRequest, eventsOf } from "../testing/client-of.ts";
import { start, stop, token } from "../testing/sse-text.ts";
import { startSocketRelay, type RelaySocket } from "../testing/socket-relay.ts";
import { webSocketTransport, type WebSocketTransportOptions } from "./websocket-transport.ts";

const soon = { limit: 5, baseDelayMs: 1, maxDelayMs: 2_000 };
const detached = { ...anyRequest, onDisconnect: "detach" } as const;

async function relayAndClient(
  transportOptions: Partial<WebSocketTransportOptions> = {},
  recovery: RecoveryOptions = {},
) {
  const relay = await startSocketRelay();
  onTestFinished(() => relay[Symbol.asyncDispose]());
  const transport = webSocketTransport({
    url: relay.url,
    WebSocket,
    keepOpenMs: 0,
    ...transportOptions,
  });
  return { relay, client: createClient({ transport, retry: soon, ...recovery }) };
}

/** Events of one stream as a relay sends them, numbered from `firstId`. */
function framesOf(ref: string, streamId: string, firstId: number, ...events: readonly object[]) {
  let id = firstId;
  return events.map((event) => {
    const isNumbered = "content" in event || "reason" in event;
    return Object.assign({}, event, { ref, streamId }, isNumbered && { id: id++ });
  });
}

/** Takes the next frame, which starts a stream, and answers with these events. */
async function answerStart(socket: RelaySocket, ...events: readonly object[]) {
  const frame = await socket.next();
  expect(frame.op).toBe("start");
  socket.send(...framesOf(frame.ref, `s-${frame.ref}`, 1, ...events));
  return frame as StartFrame;
}

const kept = { ...start, resumable: true };

test("many streams share one socket, and each has its own events", async () => {
  const { relay, client } = await relayAndClient();
  const streams = [client.stream(anyRequest), client.stream(anyRequest)] as const;
  const socket = await relay.next();
  const frames = [await socket.next(), await socket.next()] as const;
  expect(frames).toEqual([
    { op: "start", ref: "1", body: anyRequest },
    { op: "start", ref: "2", body: anyRequest },
  ]);
  const [first, second] = frames;
  socket.send(...framesOf(first.ref, "a", 1, start), ...framesOf(second.ref, "b", 1, start));
  socket.send(...framesOf(second.ref, "b", 1, token("two")));
  // What came together is an array.
  socket.send(framesOf(first.ref, "a", 1, token("o"), token("ne"), stop));
  socket.send(...framesOf(second.ref, "b", 2, stop));
  expect(await streams[0].result()).toEqual({ text: "one", reason: "stop" });
  expect(await streams[1].result()).toEqual({ text: "two", reason: "stop" });
  expect(relay.socketCount).toBe(1);
});

test("events are the same as over fetch: without whose they are", async () => {
  const { relay, client } = await relayAndClient();
  const events = eventsOf(client.stream(anyRequest));
  const socket = await relay.next();
  const own = { type: "citation", content: "", index: 1, "gateway.ref": "page 7" };
  await answerStart(socket, { ...start, requestId: "r-1" }, token("Hi"), own, stop);
  expect(await events).toEqual([{ ...start, streamId: "s-1" }, token("Hi"), own, stop]);
});

test("a resumable stream has a key", async () => {
  const { relay, client } = await relayAndClient({}, { resumable: true });
  const stream = client.stream(anyRequest);
  const frame = await answerStart(await relay.next(), kept, token("Hi"), stop);
  expect(frame.body).toEqual(detached);
  expect(frame.idempotencyKey).toMatch(/^[\x21-\x7E]{16,200}$/);
  await stream.result();
});

test("a socket that breaks is opened once for all its streams, which go on where they were", async () => {
  const { relay, client } = await relayAndClient({}, { resumable: true });
  const streams = Array.from({ length: 20 }, () => client.stream(anyRequest));
  const first = await relay.next();
  for (const _ of streams) await answerStart(first, kept, token("Hel"));
  await vi.waitUntil(() => streams.every(({ text }) => text === "Hel"));
  first.close(1012);
  const second = await relay.next();
  for (const _ of streams) {
    const frame = await second.next();
    if (frame.op !== "follow") throw new Error(`Nobody expected ${frame.op}.`);
    expect(frame.after).toBe(1);
    const { ref, streamId } = frame;
    second.send(...framesOf(ref, streamId, 2, kept, token("lo"), { type: "live" }, stop));
  }
  const texts = await Promise.all(streams.map(async (stream) => (await stream.result()).text));
  expect(new Set(texts)).toEqual(new Set(["Hello"]));
  expect(relay.socketCount).toBe(2);
});

test("who leaves a stream says so, and the others go on", async () => {
  const { relay, client } = await relayAndClient();
  const leaving = client.stream(anyRequest, { onToken: () => leaving.disconnect() });
  const staying = client.stream(anyRequest);
  const socket = await relay.next();
  const left = await answerStart(socket, start, token("Hel"));
  const stayed = await socket.next();
  expect(await socket.next()).toEqual({ op: "leave", ref: left.ref });
  socket.send(...framesOf(stayed.ref, "b", 1, start, token("Hello"), stop));
  expect((await leaving.result()).reason).toBe("disconnected");
  expect((await staying.result()).text).toBe("Hello");
});

test("cancel of a detached stream is a frame of its own", async () => {
  const { relay, client } = await relayAndClient({ keepOpenMs: 60_000 }, { resumable: true });
  const stream = client.stream(anyRequest, { onToken: () => stream.cancel() });
  const socket = await relay.next();
  const { ref } = await answerStart(socket, kept, token("Hel"));
  const frames = [await socket.next(), await socket.next()];
  expect(frames).toContainEqual({ op: "cancel", ref: "2", streamId: `s-${ref}` });
  expect(frames).toContainEqual({ op: "leave", ref });
  socket.close(1001);
});

test("a refusal is the same error as over fetch", async () => {
  const { relay, client } = await relayAndClient();
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  const { ref } = await socket.next();
  const error = { code: "invalid_request", message: "No.", retryable: false, requestId: "r-1" };
  socket.send({ type: "error", status: 400, ref, ...error });
  await expect(stream.result()).rejects.toMatchObject({ ...error, status: 400, attempts: 1 });
});

test("an error of the stream itself has no status", async () => {
  const { relay, client } = await relayAndClient();
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  const error = {
    type: "error",
    code: "gateway_interrupted",
    message: "It broke.",
    retryable: true,
    requestId: "r-1",
  };
  await answerStart(socket, start, token("Hel"), error);
  await expect(stream.result()).rejects.toMatchObject({
    code: "gateway_interrupted",
    status: undefined,
    text: "Hel",
  });
});

test("a stream that has nothing more to come ends truncated, and is not asked for again", async () => {
  const { relay, client } = await relayAndClient();
  const stream = client.resume({ streamId: "s", lastEventId: 9, text: "Hello" });
  const socket = await relay.next();
  const { ref } = await socket.next();
  socket.send({ type: "done", ref });
  await expect(stream.result()).rejects.toMatchObject({ code: "truncated", status: 204 });
  expect(relay.socketCount).toBe(1);
});

test("a stream that the relay drops is resumed on the same socket", async () => {
  const { relay, client } = await relayAndClient({ keepOpenMs: 60_000 }, { resumable: true });
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  const { ref } = await answerStart(socket, kept, token("Hel"));
  socket.send({ type: "cut", ref });
  const again = await socket.next();
  expect(again).toMatchObject({ op: "follow", streamId: `s-${ref}`, after: 1 });
  socket.send(...framesOf(again.ref, `s-${ref}`, 2, kept, token("lo"), stop));
  expect((await stream.result()).text).toBe("Hello");
  expect(relay.socketCount).toBe(1);
  socket.close(1001);
});

test.each([
  [4401, "unauthorized", 401],
  [4400, "protocol", undefined],
  [1009, "payload_too_large", 413],
  [1011, "network", undefined],
])("a socket that is closed with %i before an answer is %s", async (code, expected, status) => {
  const { relay, client } = await relayAndClient({}, { retry: false });
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  await socket.next();
  socket.close(code);
  await expect(stream.result()).rejects.toMatchObject({ code: expected, status });
});

test("a socket that is closed under a stream that cannot be resumed cuts it off", async () => {
  const { relay, client } = await relayAndClient();
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  await answerStart(socket, start, token("Hel"));
  socket.close(1001);
  await expect(stream.result()).rejects.toMatchObject({ code: "truncated", text: "Hel" });
});

test("what the relay says of the whole socket is why its streams do not begin", async () => {
  const { relay, client } = await relayAndClient({}, { retry: false });
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  await socket.next();
  const error = { code: "forbidden", message: "No.", retryable: false, requestId: "r-1" };
  socket.send({ type: "error", status: 403, ...error });
  socket.close(4403);
  await expect(stream.result()).rejects.toMatchObject({ ...error, status: 403 });
});

test("what is no frame ends the socket, as an error of the protocol", async () => {
  const { relay, client } = await relayAndClient({}, { retry: false });
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  await socket.next();
  socket.sendText("<h1>Nope</h1>");
  await expect(stream.result()).rejects.toMatchObject({ code: "protocol" });
  await socket.closed;
});

test("a relay that stops gets no more streams on that socket, but ends those that it has", async () => {
  const { relay, client } = await relayAndClient();
  const running = client.stream(anyRequest);
  const first = await relay.next();
  const { ref } = await answerStart(first, start, token("Hel"));
  await vi.waitUntil(() => running.text === "Hel");
  const late = client.stream(anyRequest);
  const refused = await first.next();
  const draining = { code: "relay_draining", message: "Elsewhere.", retryable: true };
  first.send({ type: "error", status: 503, ref: refused.ref, requestId: "r-1", ...draining });
  await answerStart(await relay.next(), start, token("elsewhere"), stop);
  expect((await late.result()).text).toBe("elsewhere");
  first.send(...framesOf(ref, `s-${ref}`, 2, token("lo"), stop));
  expect((await running.result()).text).toBe("Hello");
});

test("a token rides as a subprotocol, and is asked for anew with each socket", async () => {
  let count = 0;
  const { relay, client } = await relayAndClient({
    token: async () => `token-${(count += 1)}`,
  });
  for (const bearer of ["bearer.token-1", "bearer.token-2"]) {
    const stream = client.stream(anyRequest);
    const socket = await relay.next();
    expect(socket.protocols).toEqual(["gatestream.v1", bearer]);
    await answerStart(socket, start, { ...stop });
    await stream.result();
    await socket.closed;
  }
});

test("a token that cannot be had is a failure of the network", async () => {
  const cause = new Error("The sign-in is away.");
  const { client } = await relayAndClient({ token: () => Promise.reject(cause) }, { retry: false });
  await expect(client.stream(anyRequest).result()).rejects.toMatchObject({
    code: "network",
    cause,
  });
});

test("a relay that is not there is a failure of the network, tried again a second apart", async () => {
  const away = await startSocketRelay();
  await away[Symbol.asyncDispose]();
  let socketCount = 0;
  class CountedSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      socketCount += 1;
    }
  }
  const transport = webSocketTransport({ url: away.url, WebSocket: CountedSocket });
  const client = createClient({ transport, retry: { ...soon, limit: 1 } });
  const streams = Array.from({ length: 30 }, () => client.stream(anyRequest));
  const codes = streams.map((stream) => stream.result().catch(({ code }) => code));
  expect(new Set(await Promise.all(codes))).toEqual(new Set(["network"]));
  // One for all of them, and one for all second tries.
  expect(socketCount).toBe(2);
});

test("a socket that has fallen silent is given up for another one", async () => {
  const { relay, client } = await relayAndClient({}, { resumable: true, idleTimeoutMs: 1_100 });
  const stream = client.stream(anyRequest);
  const dead = await relay.next();
  await answerStart(dead, { ...kept, heartbeatMs: 50 }, token("Hel"));
  const second = await relay.next();
  await dead.closed;
  const frame = await second.next();
  expect(frame).toMatchObject({ op: "follow", after: 1 });
  second.send(...framesOf(frame.ref, "s-1", 2, kept, token("lo"), stop));
  expect((await stream.result()).text).toBe("Hello");
});

test("a heartbeat of the socket is life for every stream on it", async () => {
  const { relay, client } = await relayAndClient({}, { retry: false, idleTimeoutMs: 1_500 });
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  const { ref } = await answerStart(socket, start, token("Hel"));
  const beating = setInterval(() => socket.send({ type: "heartbeat" }), 400);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  clearInterval(beating);
  socket.send(...framesOf(ref, `s-${ref}`, 2, token("lo"), stop));
  expect((await stream.result()).text).toBe("Hello");
});

test("a socket that no stream uses is closed, and the next stream opens another", async () => {
  const { relay, client } = await relayAndClient();
  for (const _ of [1, 2]) {
    const stream = client.stream(anyRequest);
    const socket = await relay.next();
    await answerStart(socket, start, token("Hi"), stop);
    await stream.result();
    await socket.closed;
  }
  expect(relay.socketCount).toBe(2);
});

test("a socket is kept for the next stream for as long as was asked", async () => {
  const { relay, client } = await relayAndClient({ keepOpenMs: 60_000 });
  const first = client.stream(anyRequest);
  const socket = await relay.next();
  await answerStart(socket, start, token("Hi"), stop);
  await first.result();
  const second = client.stream(anyRequest);
  await answerStart(socket, start, token("Hi"), stop);
  await second.result();
  expect(relay.socketCount).toBe(1);
  socket.close(1001);
});

test("nothing is opened for a stream that was ended before", async () => {
  const { relay, client } = await relayAndClient();
  const stream = client.stream(anyRequest, { signal: AbortSignal.abort() });
  await expect(stream.result()).rejects.toMatchObject({ code: "aborted" });
  expect(relay.socketCount).toBe(0);
});

test.each([
  [{ url: 7 }, "url must be the relay's base path or URL."],
  [{ url: "/", keepOpenMs: -1 }, "keepOpenMs must be milliseconds from 0 on."],
])("%j is refused", (options, message) => {
  expect(() => webSocketTransport(options as WebSocketTransportOptions)).toThrow(
    new TypeError(message),
  );
});
