import { once } from "node:events";
import { setImmediate as loopTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { openWebsocket } from "./testing/websocket-under-test.ts";

test("what is sent in one turn leaves in one write, in order", async () => {
  await using socket = await openWebsocket();
  const { connection, duplex } = socket;
  connection.send("one", () => {});
  connection.answer("two");
  expect(duplex.writableLength).toBe(2 + 3 + 2 + 3);
  await loopTurn();
  expect(duplex.writableCorked).toBe(0);
  expect([await socket.next(), await socket.next()]).toEqual(["one", "two"]);
});

test("after it was closed nothing is sent, and the page gets the reason", async () => {
  await using socket = await openWebsocket();
  const { connection, page } = socket;
  const closed = once(page, "close");
  connection.send("before", () => {});
  connection.close(4401, "x".repeat(500));
  expect(connection.isClosing).toBe(true);
  connection.send("after", () => {});
  connection.close(1000, "again");
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([4401, "x".repeat(123)]);
  expect(await socket.next()).toBe("before");
});

test.each(["é".repeat(100), `${"x".repeat(121)}\u{1F600}`, "\uD800".repeat(50)])(
  "a reason that is too long for a close frame is shortened: %j",
  async (reason) => {
    await using socket = await openWebsocket();
    const closed = once(socket.page, "close");
    socket.connection.close(4401, reason);
    const [code, reported] = (await closed) as [number, Buffer];
    expect(code).toBe(4401);
    expect(reported.length).toBeLessThanOrEqual(123);
    expect(Buffer.from(reason).subarray(0, reported.length)).toEqual(reported);
  },
);

test("a ping that is still buffered is not awaited: a client that does not read in time is too slow, not dead", async () => {
  const codes: number[] = [];
  await using socket = await openWebsocket({
    heartbeatMs: 50,
    slowConsumerTimeoutMs: 400,
    onClosed: (code) => codes.push(code),
  });
  const { connection, page } = socket;
  page.pause();
  connection.send("x".repeat(32 * 1024 * 1024), () => {});
  const beganAt = performance.now();
  await new Promise<void>((resolve) => connection.whenClosing(resolve));
  expect(performance.now() - beganAt).toBeGreaterThan(350);
  page.resume();
  const [code] = await once(page, "close");
  expect(code).toBe(4408);
});
