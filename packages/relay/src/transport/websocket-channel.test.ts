import { setImmediate as loopTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import { openWebsocket, type WebsocketUnderTest } from "./testing/websocket-under-test.ts";
import { createWebsocketChannel } from "./websocket-channel.ts";

const head = { streamId: "s", mediaType: "application/json" };

function channelOn(
  { connection }: WebsocketUnderTest,
  { shareBytes = 1_000, slowConsumerTimeoutMs = 60_000 } = {},
) {
  let endings = 0;
  const channel = createWebsocketChannel(connection, {
    ref: "a",
    requestId: "r-1",
    shareBytes: () => shareBytes,
    slowConsumerTimeoutMs,
    onEnded: () => (endings += 1),
  });
  return { channel, endings: () => endings };
}

test("a refusal ends it; what comes later is not sent", async () => {
  await using socket = await openWebsocket();
  const { channel, endings } = channelOn(socket);
  channel.refuse(new RelayError("overloaded", "Full.", { retryAfterMs: 5 }));
  channel.write("late");
  channel.drop();
  channel.done();
  await channel.end();
  socket.connection.answer("last");
  expect(JSON.parse(await socket.next())).toEqual({
    type: "error",
    ref: "a",
    status: 503,
    code: "overloaded",
    message: "Full.",
    retryable: true,
    retryAfterMs: 5,
    requestId: "r-1",
  });
  expect(await socket.next()).toBe("last");
  expect([endings(), channel.left.aborted]).toEqual([1, false]);
});

test("a stream that is dropped, or refused too late, is cut, and its reader has left", async () => {
  await using socket = await openWebsocket();
  const [dropped, refused] = [channelOn(socket), channelOn(socket)];
  dropped.channel.drop();
  refused.channel.open(head);
  refused.channel.refuse(new RelayError("internal_error", "It failed."));
  for (const { channel, endings } of [dropped, refused]) {
    expect(await socket.next()).toBe('{"type":"cut","ref":"a"}');
    expect([endings(), channel.left.aborted]).toEqual([1, true]);
  }
});

test("a reader that leaves is told nothing more", async () => {
  await using socket = await openWebsocket();
  const { channel, endings } = channelOn(socket);
  channel.leave();
  expect(channel.write("late")).toBe(true);
  channel.drop();
  socket.connection.answer("last");
  expect(await socket.next()).toBe("last");
  expect([endings(), channel.left.aborted]).toEqual([1, true]);
});

test("when the socket is closed every reader has left", async () => {
  await using socket = await openWebsocket();
  const { channel, endings } = channelOn(socket);
  socket.connection.close(1012, "Stopping.");
  expect([endings(), channel.left.aborted]).toEqual([1, true]);
  expect(channelOn(socket).channel.left.aborted).toBe(true);
});

test("it waits for its own share only, and goes on when that has left", async () => {
  await using socket = await openWebsocket();
  const [much, little] = [channelOn(socket), channelOn(socket)];
  expect(much.channel.write("x".repeat(1_000))).toBe(true);
  expect(much.channel.write("x")).toBe(false);
  expect(little.channel.write("y")).toBe(true);
  const room = much.channel.room();
  await loopTurn();
  await room;
  expect(much.channel.write("x")).toBe(true);
});

test("a page that does not read in time fails every stream that waits, and then the socket", async () => {
  await using socket = await openWebsocket();
  const waiting = channelOn(socket, { slowConsumerTimeoutMs: 50 });
  const { channel } = waiting;
  socket.page.pause();
  channel.write("x".repeat(32 * 1024 * 1024));
  const leftBefore = channel.room().catch((failure: unknown) => [failure, channel.left.aborted]);
  expect(await leftBefore).toEqual([expect.objectContaining({ code: "slow_consumer" }), false]);
  await loopTurn();
  await loopTurn();
  expect(channel.left.aborted).toBe(true);
});

test("its end has come when all of it has left, or the socket has", async () => {
  await using socket = await openWebsocket();
  const { channel, endings } = channelOn(socket);
  socket.page.pause();
  channel.write("x".repeat(32 * 1024 * 1024));
  let hasEnded = false;
  const end = channel.end().then(() => (hasEnded = true));
  expect(endings()).toBe(1);
  await loopTurn();
  expect(hasEnded).toBe(false);
  socket.page.resume();
  await end;
  expect(channel.left.aborted).toBe(false);
});
