import { describe, expect, onTestFinished, test } from "vitest";
import { ask } from "@gatestream/testing/ask";
import { startRedis, whyNoRedis, type RedisServer } from "@gatestream/testing/redis-server";
import { createReader, type ResumingReader } from "@gatestream/testing/resuming-reader";
import { question, startGateway, startRelay, type Gateway } from "./gatestream.ts";

const detached = { ...question, onDisconnect: "detach" };

async function startRedisOfTest(): Promise<RedisServer> {
  const redis = await startRedis();
  onTestFinished(() => redis[Symbol.asyncDispose]());
  return redis;
}

/** Two relays on one Redis, both connected to it. */
async function startTwoRelays(gateway: Gateway, redis: RedisServer) {
  const flags = ["--resume", "redis", "--redis-url", redis.url, "--log-level", "debug"];
  const relays = await Promise.all([startRelay(gateway, ...flags), startRelay(gateway, ...flags)]);
  await Promise.all(relays.map(({ program }) => program.match(/"redis_ready"/)));
  const [here, there] = relays;
  return { here, there };
}

async function startReader(url: string): Promise<ResumingReader> {
  const reader = createReader();
  await reader.open(ask(`${url}/api/llm/stream`, detached));
  return reader;
}

async function followAt(url: string, { streamId }: ResumingReader): Promise<ResumingReader> {
  const reader = createReader(streamId);
  await reader.comeBack(url);
  return reader;
}

function idsOf({ events }: ResumingReader): number[] {
  return events.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
}

function idsUpTo(lastId: number): number[] {
  return Array.from({ length: lastId }, (_, index) => index + 1);
}

/** The number of chat requests that the gateway has received. */
const chatCount = ({ emulator }: Gateway): number =>
  emulator.calls.filter(({ kind }) => kind === "chat").length;

describe.skipIf(whyNoRedis)(`a relay that is killed while it writes ${whyNoRedis ?? ""}`, () => {
  test("is detected: readers receive one terminal event, and the gateway gets no second request", async () => {
    const redis = await startRedisOfTest();
    const gateway = await startGateway({ tokensPerSecond: 20 });
    const { here, there } = await startTwoRelays(gateway, redis);
    const own = await startReader(here.url);
    const hurried = await followAt(here.url, own);
    const other = await followAt(there.url, own);
    await Promise.all([own.readTo(5), hurried.readTo(5), other.readTo(5)]);
    // From here on Redis gets one write at the most: the relay's own readers are ahead of it.
    redis.freeze();
    await Promise.all([own.readTo(12), hurried.readTo(12)]);
    here.program.kill("SIGKILL");
    await expect(own.readToEnd()).rejects.toThrow();
    await expect(hurried.readToEnd()).rejects.toThrow();
    redis.thaw();

    // One comes to the other relay before that has missed the first.
    const { cursor } = hurried;
    expect((await hurried.comeBack(there.url)).statusCode).toBe(200);
    await Promise.all([other.readToEnd(), hurried.readToEnd()]);
    const terminal = other.events.at(-1);
    expect(terminal?.event).toMatchObject({ type: "error", code: "producer_lost" });
    expect(idsOf(other)).toEqual(idsUpTo(other.cursor));
    expect(other.cursor).toBeLessThan(cursor);
    expect(idsOf(hurried).slice(cursor)).toHaveLength(1);
    expect(hurried.events.at(-1)?.event).toEqual(terminal?.event);

    const late = await followAt(there.url, own);
    await late.readToEnd();
    expect(idsOf(late)).toEqual(idsOf(other));
    expect(late.events.at(-1)).toEqual(terminal);

    // Ahead of all that is known: there is nothing for it but the end.
    const had = own.events.length;
    await own.comeBack(there.url);
    await own.readToEnd();
    expect(own.events.slice(had).map(({ name, event }) => name ?? event)).toEqual([
      "start",
      terminal?.event,
    ]);
    for (const reader of [own, late, other]) {
      expect((await reader.comeBack(there.url)).statusCode).toBe(204);
    }
    expect(chatCount(gateway)).toBe(1);
  });
});

describe.skipIf(whyNoRedis)(`a stop of one of two relays ${whyNoRedis ?? ""}`, () => {
  test("sends readers to the other; the process ends when its streams have", async () => {
    const gateway = await startGateway({ tokensPerSecond: 100 });
    const { here, there } = await startTwoRelays(gateway, await startRedisOfTest());
    const reader = await startReader(here.url);
    await reader.readTo(5);
    here.program.kill("SIGTERM");
    expect((await reader.readToNotice("reconnect")).event).toMatchObject({
      retryMs: expect.any(Number),
    });
    await reader.readToEnd();
    await reader.comeBack(there.url);
    await reader.readToEnd();
    expect(reader.events.at(-1)?.event).toEqual({ type: "stop", reason: "stop" });
    expect(idsOf(reader)).toEqual(idsUpTo(reader.cursor));
    expect(await here.program.ended(5_000)).toBe(0);
    expect(chatCount(gateway)).toBe(1);
  });

  test("ends at once where only others write, also with readers", async () => {
    const gateway = await startGateway({ scenario: "stall", tokensPerSecond: 0 });
    const { here, there } = await startTwoRelays(gateway, await startRedisOfTest());
    const reader = await startReader(here.url);
    const other = await followAt(there.url, reader);
    await other.readTo(8);
    there.program.kill("SIGTERM");
    await other.readToNotice("reconnect");
    await other.readToEnd();
    expect(await there.program.ended(5_000)).toBe(0);
    expect((await other.comeBack(here.url)).statusCode).toBe(200);
    await other.readToNotice("live");
  });
});

test("a stop of a relay that keeps its streams for itself ends them after the grace", async () => {
  const gateway = await startGateway({ scenario: "stall", tokensPerSecond: 0 });
  const relay = await startRelay(gateway, "--resume", "memory", "--shutdown-grace-ms", "200");
  const reader = await startReader(relay.url);
  await reader.readTo(8);
  const gone = await startReader(relay.url);
  gone.cut();
  relay.program.kill("SIGTERM");
  await reader.readToEnd();
  expect(idsOf(reader)).toEqual(idsUpTo(9));
  expect(reader.events.at(-1)?.event).toMatchObject({ code: "relay_draining" });
  expect(await relay.program.ended(5_000)).toBe(0);
});
