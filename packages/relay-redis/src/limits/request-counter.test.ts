import { eventually } from "@gatestream/testing/eventually";
import { describe, expect, test } from "vitest";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import type { RedisConnection, RedisOptions } from "../connection/redis-connection.ts";
import { redisUnderTest } from "../connection/testing/redis-under-test.ts";
import { createSubjectLimits } from "../../../relay/src/access/limits.ts";
import { countShared } from "./request-counter.ts";

/** How requests of `subject` are answered, in order. */
async function answers(
  countRequest: (subject: string) => Promise<void>,
  subjects: readonly string[],
): Promise<string[]> {
  const reported: string[] = [];
  for (const subject of subjects) {
    reported.push(
      await countRequest(subject).then(
        () => "taken",
        (refusal: unknown) => (refusal as { code: string }).code,
      ),
    );
  }
  return reported;
}

const thrice = ["alice", "alice", "alice"];
const twoTaken = ["taken", "taken", "rate_limited"];

/** Two requests a minute for each subject. */
function sharedLimits(redis: RedisConnection) {
  return createSubjectLimits(
    {
      requestsPerMinutePerSubject: 2,
      maxStreamsPerSubject: 1,
      tokensPerMinutePerSubject: 0,
      tokensPerDayPerSubject: 100,
    },
    (...request) => countShared(redis, ...request),
  );
}

/** One relay of several on the same server. */
async function startRelayOn(url: string, options?: RedisOptions) {
  const under = redisUnderTest(url, options);
  await under.untilReady();
  return { ...under, ...sharedLimits(under.redis) };
}

describe.skipIf(whyNoRedis)(`limits over Redis ${whyNoRedis ?? ""}`, () => {
  test("relays on one server share one count", async () => {
    await using server = await startRedis();
    const [one, other] = [await startRelayOn(server.url), await startRelayOn(server.url)];
    await one.countRequest("alice");
    await other.countRequest("alice");
    for (const relay of [one, other]) {
      await expect(relay.countRequest("alice")).rejects.toMatchObject({
        code: "rate_limited",
        headers: { "RateLimit-Policy": '"requests";q=2;w=60' },
      });
      await relay.countRequest("bob");
    }
  });

  test("relays on one server share one budget of tokens, and asking for it does not begin its day", async () => {
    await using server = await startRedis();
    const [one, other] = [await startRelayOn(server.url), await startRelayOn(server.url)];
    await other.countRequest("alice");
    const keys = (): Promise<string[]> => one.redis.run((client) => client.keys("*tokens-day*"));
    expect(await keys()).toEqual([]);
    one.countTokens("alice", 60);
    other.countTokens("alice", 40);
    await eventually(async () => {
      const [key = ""] = await keys();
      expect(await one.redis.run((client) => client.get(key))).toBe("100");
    });
    await expect(one.countRequest("alice")).rejects.toMatchObject({
      code: "rate_limited",
      headers: { "RateLimit-Policy": '"tokens";q=100;w=86400' },
    });
    await one.countRequest("bob");
  });

  test("requests that come together are counted each", async () => {
    await using server = await startRedis();
    const relays = [await startRelayOn(server.url), await startRelayOn(server.url)];
    const together = relays.flatMap((relay) => [0, 1, 2, 3].map(() => relay.countRequest("alice")));
    const settled = await Promise.allSettled(together);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  test("a subject's count expires a minute after its first request; refusals do not renew it", async () => {
    await using server = await startRedis();
    const { countRequest, redis } = await startRelayOn(server.url);
    await countRequest("alice");
    const [key = ""] = await redis.run((client) => client.keys("*"));
    const lifeMs = await redis.run((client) => client.pTTL(key));
    expect(lifeMs).toBeGreaterThan(50_000);
    expect(lifeMs).toBeLessThanOrEqual(60_000);
    await redis.run((client) => client.pExpire(key, 20_500));
    await countRequest("alice");
    const refusal = await countRequest("alice").catch((reason: unknown) => reason);
    const { retryAfterMs, headers } = refusal as { retryAfterMs: number; headers: object };
    expect(retryAfterMs).toBeGreaterThan(10_000);
    expect(retryAfterMs).toBeLessThanOrEqual(20_500);
    expect(headers).toMatchObject({
      RateLimit: `"requests";r=0;t=${Math.ceil(retryAfterMs / 1000)}`,
    });
    await redis.run((client) => client.pExpire(key, 0));
    await countRequest("alice");
  });

  test("any string can be a subject: its key is short, of a safe alphabet, and does not reveal it", async () => {
    await using server = await startRedis();
    const { countRequest, redis } = await startRelayOn(server.url);
    const subjects = ["", "alice", "a".repeat(1_000_000), "a\r\nDEL *", "{a}:*?[]", "\0", "Zoë 👋"];
    await answers(countRequest, subjects);
    const keys = await redis.run((client) => client.keys("*"));
    expect(keys).toHaveLength(subjects.length);
    for (const key of keys) expect(key).toMatch(/^gatestream:requests:[\w-]{43}$/);
  });

  test("until there is a connection, requests are counted in memory", async () => {
    await using server = await startRedis();
    await server.kill();
    const { redis, untilLost, untilReady } = redisUnderTest(server.url);
    const { countRequest } = sharedLimits(redis);
    expect(await answers(countRequest, thrice)).toEqual(twoTaken);
    await untilLost();
    expect(await answers(countRequest, [...thrice, "bob"])).toEqual([
      "rate_limited",
      "rate_limited",
      "rate_limited",
      "taken",
    ]);
    await server.restart();
    await untilReady();
    expect(await answers(countRequest, thrice)).toEqual(twoTaken);
  });

  test("when the server dies, who waits for it and who comes later are counted in memory at once", async () => {
    await using server = await startRedis();
    const { countRequest, redis, untilReady, losses } = await startRelayOn(server.url);
    await countRequest("alice");
    server.freeze();
    // Sent, and not answered: only the server's death can settle them.
    const waiting = answers(() => countRequest("alice"), ["alice"]);
    await server.kill();
    expect(await waiting).toEqual(["taken"]);
    expect(await answers(countRequest, ["alice", "alice", "bob"])).toEqual([
      "taken",
      "rate_limited",
      "taken",
    ]);
    expect(redis.isReady).toBe(false);
    expect(losses).toHaveLength(1);
    await server.restart();
    await untilReady();
    const other = await startRelayOn(server.url);
    expect(await answers(other.countRequest, ["alice"])).toEqual(["taken"]);
    expect(await answers(countRequest, ["alice", "alice"])).toEqual(["taken", "rate_limited"]);
    expect(await answers(other.countRequest, ["alice"])).toEqual(["rate_limited"]);
  });

  test("a server that hangs delays no request for longer than a command may take", async () => {
    await using server = await startRedis();
    const { countRequest, untilReady, redis } = await startRelayOn(server.url, {
      commandTimeoutMs: 250,
    });
    await countRequest("alice");
    server.freeze();
    expect(await answers(countRequest, thrice)).toEqual(twoTaken);
    expect(redis.isReady).toBe(false);
    server.thaw();
    await untilReady();
    await redis.ping();
  });

  test("a server that refuses to count admits no request beyond the limit", async () => {
    await using server = await startRedis();
    const { countRequest, redis } = await startRelayOn(server.url);
    await redis.run((client) => client.aclSetUser("default", "-@scripting"));
    expect(await answers(countRequest, [...thrice, "bob"])).toEqual([...twoTaken, "taken"]);
    expect(redis.isReady).toBe(true);
  });

  test("scripts that the server has forgotten are no matter", async () => {
    await using server = await startRedis();
    const { countRequest, redis } = await startRelayOn(server.url);
    await countRequest("alice");
    await redis.run((client) => client.scriptFlush());
    expect(await answers(countRequest, ["alice", "alice"])).toEqual(["taken", "rate_limited"]);
  });

  test("streams are counted by each process for itself", async () => {
    await using server = await startRedis();
    const [one, other] = [await startRelayOn(server.url), await startRelayOn(server.url)];
    one.enterStream("alice");
    other.enterStream("alice");
    expect(() => one.enterStream("alice")).toThrow("streams at once is 1;");
  });
});
