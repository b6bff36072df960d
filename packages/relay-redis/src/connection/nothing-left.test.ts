import { createHook } from "node:async_hooks";
import { setImmediate as loopTurn } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { redisUnderTest } from "./testing/redis-under-test.ts";

const timers = new Map<number, { hasRef(): boolean }>();

// The test runner has timers of its own, which come and go: only those made below count.
const watch = createHook({
  init(id, type, _, timer) {
    if (type !== "Timeout" || !("hasRef" in timer)) return;
    const isOurs = /packages\/relay-redis\/src\/connection\/redis-|@redis/.test(
      new Error("made").stack ?? "",
    );
    if (isOurs) timers.set(id, timer as { hasRef(): boolean });
  },
  destroy(id) {
    timers.delete(id);
  },
}).enable();
afterAll(() => void watch.disable());

/** What would keep the process alive. */
async function openHandles(): Promise<string[]> {
  // The loop gives back what was closed at the end of a turn.
  await loopTurn();
  await loopTurn();
  const sockets = process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP"));
  return [...sockets, ...[...timers.values()].filter((timer) => timer.hasRef()).map(() => "Timer")];
}

describe.skipIf(whyNoRedis)(`a connection to Redis that is closed ${whyNoRedis ?? ""}`, () => {
  test("while it is ready leaves nothing that would keep the process alive", async () => {
    await using server = await startRedis();
    const { redis } = redisUnderTest(server.url);
    await redis.ping();
    // The limit of a command goes with its answer.
    expect(await openHandles()).toEqual(["TCPSocketWrap"]);
    await redis.close();
    expect(await openHandles()).toEqual([]);
  });

  test("while a command waits for its answer leaves nothing either", async () => {
    await using server = await startRedis();
    const { redis, untilReady } = redisUnderTest(server.url);
    await untilReady();
    server.freeze();
    const ping = expect(redis.ping()).rejects.toThrow("closed");
    expect(await openHandles()).toEqual(expect.arrayContaining(["TCPSocketWrap", "Timer"]));
    await redis.close();
    await ping;
    expect(await openHandles()).toEqual([]);
  });

  test.each(["redis", "rediss"])(
    "while a server of %s:// does not greet leaves nothing either",
    async (scheme) => {
      await using server = await startRedis();
      server.freeze();
      const { redis } = redisUnderTest(server.url.replace("redis", scheme));
      while (!(await openHandles()).includes("TCPSocketWrap"));
      expect(await openHandles()).toContain("Timer");
      await redis.close();
      expect(await openHandles()).toEqual([]);
    },
  );

  test("between two tries leaves nothing either", async () => {
    await using server = await startRedis();
    await server.kill();
    const { redis, untilTried } = redisUnderTest(server.url);
    await untilTried(4);
    await loopTurn();
    expect(await openHandles()).toEqual(["Timer"]);
    // Not even for the rest of the wait.
    const closed = redis.close();
    expect(await openHandles()).toEqual([]);
    await closed;
  });
});
