import { setImmediate as loopTurn } from "node:timers/promises";
import { inspect } from "node:util";
import { eventually } from "@gatestream/testing/eventually";
import { describe, expect, test } from "vitest";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { openRedis, reconnectDelayMs } from "./redis-connection.ts";
import { redisUnderTest } from "./testing/redis-under-test.ts";

describe.skipIf(whyNoRedis)(`a connection to Redis ${whyNoRedis ?? ""}`, () => {
  test("commands are taken as soon as it is ready, also as one transaction", async () => {
    await using server = await startRedis();
    const { redis, untilReady } = redisUnderTest(server.url);
    expect(redis.isReady).toBe(false);
    await untilReady();
    expect(redis.isReady).toBe(true);
    const replies = await redis.run((client) => client.multi().set("a", "1").get("a").exec());
    expect(replies).toEqual(["OK", "1"]);
  });

  test("what Redis says of a command is thrown as it is, and the connection stays", async () => {
    await using server = await startRedis();
    const { redis, untilReady, losses } = redisUnderTest(server.url);
    await untilReady();
    await redis.run((client) => client.set("text", "a"));
    await expect(redis.run((client) => client.incr("text"))).rejects.toThrow(
      "ERR value is not an integer",
    );
    expect(await redis.run((client) => client.get("text"))).toBe("a");
    expect(losses).toEqual([]);
  });

  test("without a server commands fail at once, and it is reported once, however often it is tried", async () => {
    await using server = await startRedis();
    await server.kill();
    const { redis, untilTried, losses } = redisUnderTest(server.url);
    await untilTried(3);
    await expect(redis.run((client) => client.get("a"))).rejects.toThrow(
      "Redis is away: ECONNREFUSED",
    );
    await expect(redis.run((client) => client.multi().get("a").exec())).rejects.toThrow(
      "Redis is away: ECONNREFUSED",
    );
    expect(losses).toHaveLength(1);
  });

  test("it reconnects automatically, every time the server is available again", async () => {
    await using server = await startRedis();
    const { redis, untilReady, untilLost, losses } = redisUnderTest(server.url);
    for (let crashes = 1; crashes <= 2; crashes += 1) {
      await untilReady();
      await server.kill();
      await untilLost();
      expect(redis.isReady).toBe(false);
      await server.restart();
      await untilReady();
      expect(await redis.run((client) => client.incr("count"))).toBe(1);
      expect(losses).toHaveLength(crashes);
    }
  });

  test("a command that waits for its answer fails when the server dies", async () => {
    await using server = await startRedis();
    const { redis, untilReady } = redisUnderTest(server.url);
    await untilReady();
    server.freeze();
    const commands = [
      redis.run((client) => client.get("a")),
      redis.run((client) => client.multi().get("a").exec()),
    ];
    const failures = Promise.all(
      commands.map((command) => expect(command).rejects.toThrow("Redis is away: ")),
    );
    await server.kill();
    await failures;
  });

  test("a server that does not answer is given up, until it answers again", async () => {
    await using server = await startRedis();
    const { redis, untilReady, untilLost } = redisUnderTest(server.url, { commandTimeoutMs: 250 });
    await untilReady();
    server.freeze();
    const slow = redis.run((client) => client.get("a"));
    const other = redis.run((client) => client.get("b"));
    await expect(slow).rejects.toThrow("Redis did not answer within 250 ms.");
    await expect(other).rejects.toThrow("Redis did not answer within 250 ms.");
    await untilLost();
    expect(redis.isReady).toBe(false);
    server.thaw();
    await untilReady();
    expect(await redis.run((client) => client.get("a"))).toBeNull();
  });

  test("a server that takes the connection and does not greet is tried anew", async () => {
    await using server = await startRedis();
    server.freeze();
    const { redis, untilTried, untilReady, losses } = redisUnderTest(server.url, {
      connectTimeoutMs: 50,
    });
    await untilTried(2);
    expect(redis.isReady).toBe(false);
    expect(losses).toEqual([new Error("Redis did not greet within 50 ms.")]);
    server.thaw();
    await untilReady();
  });

  test("the password of the URL opens the server and is not revealed when it is wrong", async () => {
    await using server = await startRedis("correct-horse");
    const right = redisUnderTest(server.url.replace("//", "//:correct-horse@"));
    await right.redis.ping();
    const wrong = redisUnderTest(server.url.replace("//", "//:battery-staple@"));
    const failure = await wrong.untilLost();
    expect(failure.message).toMatch(/^Redis is away: WRONGPASS /);
    const missing = redisUnderTest(server.url);
    expect((await missing.untilLost()).message).toMatch(/^Redis is away: NOAUTH /);
    for (const reported of [failure, await wrong.redis.ping().catch((reason: unknown) => reason)]) {
      expect(inspect(reported, { depth: 9, showHidden: true })).not.toContain("battery-staple");
    }
  });

  test("a ping waits for the first connection, and says why there is none", async () => {
    await using server = await startRedis();
    await expect(redisUnderTest(server.url).redis.ping()).resolves.toBeUndefined();
    await server.kill();
    const failure = await redisUnderTest(server.url).redis.ping().catch(String);
    expect(failure).toBe("Error: Redis is away: ECONNREFUSED");
  });

  test("a duplicate may block without holding anybody up, and is closed on its own", async () => {
    await using server = await startRedis();
    const { redis, untilReady } = redisUnderTest(server.url);
    const other = redis.duplicate();
    await Promise.all([untilReady(), other.ping()]);
    const popped = other.run((client) => client.blPop("list", 0));
    await redis.run((client) => client.rPush("list", "a"));
    expect(await popped).toEqual({ key: "list", element: "a" });
    await other.close();
    await redis.ping();
    const strict = redis.duplicate({ commandTimeoutMs: 250 });
    await strict.ping();
    server.freeze();
    await expect(strict.ping()).rejects.toThrow("Redis did not answer within 250 ms.");
    await strict.close();
    expect(redis.isReady).toBe(true);
  });

  test("channels that are asked for while the connection is being made have their messages", async () => {
    await using server = await startRedis();
    const publisher = redisUnderTest(server.url);
    await publisher.untilReady();
    const { redis } = redisUnderTest(server.url);
    const asked = new Set<string>();
    const received = new Set<string>();
    let isMade = false;
    redis.once("change", () => (isMade = true));
    while (!isMade) {
      const channel = `channel ${asked.size}`;
      asked.add(channel);
      redis.subscribe(channel, () => received.add(channel));
      const { end } = redis.subscribe(`${channel}, for a moment`, () => {});
      await loopTurn();
      end();
    }
    await redis.ping();
    await publisher.redis.run((client) =>
      Promise.all([...asked].map((channel) => client.publish(channel, ""))),
    );
    await eventually(async () => expect(received).toEqual(asked));
    const channels = await publisher.redis.run((client) => client.pubSubChannels());
    expect(new Set(channels)).toEqual(asked);
  });

  test("after closing nothing is taken, and what waits for an answer fails", async () => {
    await using server = await startRedis();
    const { redis, untilReady, losses } = redisUnderTest(server.url);
    await untilReady();
    server.freeze();
    const waiting = expect(redis.run((client) => client.get("a"))).rejects.toThrow(
      "The connection to Redis has been closed.",
    );
    await Promise.all([redis.close(), redis.close()]);
    await waiting;
    await expect(redis.ping()).rejects.toThrow("The connection to Redis has been closed.");
    expect(redis.isReady).toBe(false);
    expect(losses).toEqual([]);
  });

  test("one that is closed before it was made is never made", async () => {
    await using server = await startRedis();
    const { redis } = redisUnderTest(server.url);
    const ping = expect(redis.ping()).rejects.toThrow("The connection to Redis has been closed.");
    await redis.close();
    await ping;
    expect(redis.isReady).toBe(false);
  });
});

test("a wrong URL is refused before anything is opened, and not repeated with its password", () => {
  let failure: unknown;
  try {
    openRedis("http://:battery-staple@localhost");
  } catch (error) {
    failure = error;
  }
  expect(failure).toMatchObject({ message: expect.stringMatching(/^redisUrl must be like /) });
  expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain("battery-staple");
});

test("the waits between tries double up to two seconds, of which chance takes off up to a half", () => {
  const tries = [1, 2, 3, 4, 5, 6, 60];
  const least = tries.map((number) => reconnectDelayMs(number, () => 0));
  const most = tries.map((number) => reconnectDelayMs(number, () => 1));
  expect(least).toEqual([50, 100, 200, 400, 800, 1000, 1000]);
  expect(most).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
});
