import { eventuallyTrue } from "@gatestream/testing/eventually";
import { setInterval } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { createClient } from "../../create-client.ts";
import { anyRequest } from "../../testing/client-of.ts";
import { answerStart, framesOf, kept, relayAndClient, soon } from "../../testing/socket-client.ts";
import { startSocketRelay } from "../../testing/socket-relay.ts";
import { start, stop, token } from "../../testing/sse-text.ts";
import { webSocketTransport } from "./websocket-transport.ts";

test("a lost socket is reopened once for all its streams, which resume", async () => {
  const { relay, client } = await relayAndClient({}, { resumable: true });
  const streams = Array.from({ length: 20 }, () => client.stream(anyRequest));
  const first = await relay.next();
  for (const _ of streams) await answerStart(first, kept, token("Hel"));
  await eventuallyTrue(() => streams.every(({ text }) => text === "Hel"));
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
  await eventuallyTrue(() => running.text === "Hel");
  const late = client.stream(anyRequest);
  const refused = await first.next();
  const draining = { code: "relay_draining", message: "Elsewhere.", retryable: true };
  first.send({ type: "error", status: 503, ref: refused.ref, requestId: "r-1", ...draining });
  await answerStart(await relay.next(), start, token("elsewhere"), stop);
  expect((await late.result()).text).toBe("elsewhere");
  first.send(...framesOf(ref, `s-${ref}`, 2, token("lo"), stop));
  expect((await running.result()).text).toBe("Hello");
});

test("the token is sent in Sec-WebSocket-Protocol, and requested for each socket", async () => {
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

test("a token that fails is reported as `headers`, and requested once", async () => {
  const cause = new Error("The sign-in is away.");
  const failing = vi.fn<() => Promise<string>>(() => Promise.reject(cause));
  const { client } = await relayAndClient({ token: failing });
  await expect(client.stream(anyRequest).result()).rejects.toMatchObject({
    code: "headers",
    retryable: false,
    cause,
  });
  expect(failing).toHaveBeenCalledOnce();
});

test.runIf(typeof document !== "undefined")(
  "a socket is closed when the page is left, with streams on it and without",
  async () => {
    const { relay, client } = await relayAndClient({ keepOpenMs: 60_000 }, { resumable: true });
    const stream = client.stream(anyRequest);
    const first = await relay.next();
    await answerStart(first, kept, token("Hel"));
    await eventuallyTrue(() => stream.text === "Hel");
    dispatchEvent(new Event("pagehide"));
    await first.closed;
    expect(stream.checkpoint?.lastEventId).toBe(1);
    dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    const second = await relay.next();
    const { ref } = await second.next();
    second.send(...framesOf(ref, "s-1", 2, kept, token("lo"), stop));
    expect((await stream.result()).text).toBe("Hello");
    dispatchEvent(new Event("pagehide"));
    await second.closed;
  },
);

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

test("a heartbeat of the socket counts as activity of every stream on it", async () => {
  const { relay, client } = await relayAndClient({}, { retry: false, idleTimeoutMs: 1_500 });
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  const { ref } = await answerStart(socket, start, token("Hel"));
  let beatCount = 0;
  // Longer than the limit, each beat well within it.
  for await (const beat of setInterval(400, 1)) {
    socket.send({ type: "heartbeat" });
    beatCount += beat;
    if (beatCount === 5) break;
  }
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
