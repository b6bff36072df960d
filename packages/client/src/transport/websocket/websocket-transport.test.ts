import { expect, test } from "vitest";
import { anyRequest, eventsOf } from "../../testing/client-of.ts";
import { answerStart, framesOf, kept, relayAndClient } from "../../testing/socket-client.ts";
import { nextTurn } from "../../testing/next-turn.ts";
import { start, stop, token } from "../../testing/sse-text.ts";
import { webSocketTransport, type WebSocketTransportOptions } from "./websocket-transport.ts";

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
  expect(await streams[0].result()).toMatchObject({ text: "one", reason: "stop" });
  expect(await streams[1].result()).toMatchObject({ text: "two", reason: "stop" });
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
  expect(frame.body).toEqual({ ...anyRequest, onDisconnect: "detach" });
  expect(frame.idempotencyKey).toMatch(/^[\x21-\x7E]{16,200}$/);
  await stream.result();
});

test("leaving one stream is sent to the relay, and the others continue", async () => {
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

test("cancel before the first event of a detached stream ends it once its id is known", async () => {
  const { relay, client } = await relayAndClient({ keepOpenMs: 60_000 }, { resumable: true });
  const stream = client.stream(anyRequest);
  const socket = await relay.next();
  const { ref } = await socket.next();
  stream.cancel();
  expect((await stream.result()).reason).toBe("cancelled");
  socket.send(...framesOf(ref, "s-7", 1, kept));
  expect(await socket.next()).toEqual({ op: "cancel", ref: "2", streamId: "s-7" });
  socket.close(1001);
});

test("cancel while the token is being made starts nothing", async () => {
  let give: (bearer: string) => void = () => {};
  const { relay, client } = await relayAndClient(
    { token: () => new Promise<string>((resolve) => (give = resolve)) },
    { resumable: true },
  );
  const stream = client.stream(anyRequest, {
    onStatus: () =>
      queueMicrotask(() => {
        stream.cancel();
        give("token-1");
      }),
  });
  expect((await stream.result()).reason).toBe("cancelled");
  const other = client.stream(anyRequest);
  await nextTurn();
  give("token-2");
  const socket = await relay.next();
  await answerStart(socket, kept, stop);
  expect((await other.result()).reason).toBe("stop");
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
  [{ url: 7 }, "url must be the relay's base path or URL, such as /api/llm."],
  [{ url: "/", keepOpenMs: -1 }, "keepOpenMs must be a number from 0 on."],
])("%j is refused", (options, message) => {
  expect(() => webSocketTransport(options as WebSocketTransportOptions)).toThrow(
    new TypeError(message),
  );
});
