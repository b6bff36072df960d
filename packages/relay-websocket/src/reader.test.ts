import { setImmediate as loopTurn } from "node:timers/promises";
import { LogBatch, RelayError } from "@gatestream/relay/parts";
import { expect, test } from "vitest";
import { WebsocketReader } from "./reader.ts";
import { openWebsocket, type WebsocketUnderTest } from "./testing/websocket-under-test.ts";

const start = {
  type: "start",
  streamId: "s",
  resumable: false,
  resumableForMs: 0,
  heartbeatMs: 60_000,
} as const;

/** Of so many bytes, without what is around them. */
function batchOf(bytes: number): LogBatch {
  return new LogBatch(1, [{ type: "token", content: "x".repeat(bytes), index: 0 }]);
}

function readerOn(
  { connection }: WebsocketUnderTest,
  { shareBytes = 1_000, slowConsumerTimeoutMs = 60_000 } = {},
) {
  let endings = 0;
  const reader = new WebsocketReader(connection, {
    ref: "a",
    requestId: "r-1",
    expiresAt: undefined,
    shareBytes: () => shareBytes,
    slowConsumerTimeoutMs,
    onEnded: () => (endings += 1),
  });
  return { reader, endings: () => endings };
}

test("a refusal ends it; what comes later is not sent", async () => {
  await using socket = await openWebsocket();
  const { reader, endings } = readerOn(socket);
  reader.refuse(new RelayError("overloaded", "Full.", { retryAfterMs: 5 }));
  reader.write(batchOf(1));
  reader.drop();
  reader.done();
  await reader.end();
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
  expect([endings(), reader.hasLeft]).toEqual([1, false]);
});

test("a stream that is dropped, or refused too late, is cut, and its reader has left", async () => {
  await using socket = await openWebsocket();
  const [dropped, refused] = [readerOn(socket), readerOn(socket)];
  refused.reader.open(start);
  const opened: unknown = JSON.parse(await socket.next());
  expect(opened).toMatchObject({ type: "start", ref: "a", streamId: "s" });
  dropped.reader.drop();
  refused.reader.refuse(new RelayError("internal_error", "It failed."));
  for (const { reader, endings } of [dropped, refused]) {
    expect(await socket.next()).toBe('{"type":"cut","ref":"a"}');
    expect([endings(), reader.hasLeft]).toEqual([1, true]);
  }
});

test("a reader that has left gets nothing more", async () => {
  await using socket = await openWebsocket();
  const { reader, endings } = readerOn(socket);
  reader.leave();
  expect(reader.write(batchOf(1))).toBe(true);
  reader.drop();
  socket.connection.answer("last");
  expect(await socket.next()).toBe("last");
  expect([endings(), reader.hasLeft]).toEqual([1, true]);
});

test("when the socket is closed every reader has left", async () => {
  await using socket = await openWebsocket();
  const { reader, endings } = readerOn(socket);
  socket.connection.close(1012, "Stopping.");
  expect([endings(), reader.hasLeft]).toEqual([1, true]);
  expect(readerOn(socket).reader.hasLeft).toBe(true);
});

test("it waits for its own share only, and goes on when that has left", async () => {
  await using socket = await openWebsocket();
  const [much, little] = [readerOn(socket), readerOn(socket)];
  expect(much.reader.write(batchOf(900))).toBe(true);
  expect(much.reader.write(batchOf(100))).toBe(false);
  expect(little.reader.write(batchOf(1))).toBe(true);
  await new Promise<void>((resolve) => (much.reader.onRoom = resolve));
  expect(much.reader.write(batchOf(100))).toBe(true);
});

test("a page that does not read in time fails every stream that waits, and then the socket", async () => {
  await using socket = await openWebsocket();
  const waiting = readerOn(socket, { slowConsumerTimeoutMs: 50 });
  const { reader } = waiting;
  socket.page.pause();
  reader.write(batchOf(32 * 1024 * 1024));
  const leftBefore = new Promise((resolve) => {
    reader.onSlow = (failure) => resolve([failure, reader.hasLeft]);
  });
  expect(await leftBefore).toEqual([expect.objectContaining({ code: "slow_consumer" }), false]);
  await loopTurn();
  await loopTurn();
  expect(reader.hasLeft).toBe(true);
});

test("its end has come when all of it has left, or the socket has", async () => {
  await using socket = await openWebsocket();
  const { reader, endings } = readerOn(socket);
  socket.page.pause();
  reader.write(batchOf(32 * 1024 * 1024));
  let hasEnded = false;
  const end = reader.end().then(() => (hasEnded = true));
  expect(endings()).toBe(1);
  await loopTurn();
  expect(hasEnded).toBe(false);
  socket.page.resume();
  await end;
  expect(reader.hasLeft).toBe(false);
});
