import { setImmediate as loopTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { redisUnderTest } from "../connection/testing/redis-under-test.ts";
import {
  follow,
  numbered,
  openStream,
  readAll,
  stop,
  take,
  token,
  write,
} from "../../../relay/src/log/contract/logs-under-test.ts";
import { relayOnRedis, twoRelays } from "./testing/relay-on-redis.ts";
import { eventually } from "@gatestream/testing/eventually";

const texts = Array.from({ length: 20 }, (_, index) => token(`token ${index}`));
const whole = numbered([...texts, stop]);

/** A connection of the test's own. */
async function watching(url: string) {
  const { redis, untilReady } = redisUnderTest(url);
  await untilReady();
  return redis.run;
}

/** How often Redis was asked for something since the server was started, or this was forgotten. */
async function countCalls(run: Awaited<ReturnType<typeof watching>>, command: string) {
  const stats = await run((client) => client.info("commandstats"));
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

describe.skipIf(whyNoRedis)(`what relays on one Redis share ${whyNoRedis ?? ""}`, () => {
  test("a relay has two connections, however many streams it writes and follows", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    const connections = async () =>
      (await run((client) => client.clientList())).filter(({ cmd }) => cmd !== "client|list")
        .length;
    const { here, there } = await twoRelays(server.url);
    const streams = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        openStream(index % 2 === 0 ? { here, there } : { here: there, there: here }),
      ),
    );
    const readings = streams.map((logs) => readAll(logs.there, logs.streamId));
    for (const { writer } of streams) await write(writer, ...texts.map((event) => [event]));
    expect(await connections()).toBe(4);
    for (const { writer } of streams) await write(writer, [stop]);
    for (const events of await Promise.all(readings)) expect(events).toEqual(whole);
    expect(await connections()).toBe(4);
  });

  test("a thousand readers on another relay cost one reading of the stream", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    const logs = await twoRelays(server.url);
    const { streamId, writer } = await openStream(logs);
    await write(writer, ...texts.slice(0, 10).map((event) => [event]));
    await eventually(async () => {
      expect(await logs.there.find(streamId)).toMatchObject({ lastId: 10 });
    });
    await run((client) => client.configResetStat());
    const readings = Array.from({ length: 500 }, () => readAll(logs.there, streamId));
    for (const event of texts.slice(10)) {
      await write(writer, [event]);
      await loopTurn();
    }
    readings.push(...Array.from({ length: 500 }, () => readAll(logs.there, streamId)));
    await write(writer, [stop]);
    for (const events of await Promise.all(readings)) expect(events).toEqual(whole);
    // One for all readers, and one for each of the events that come meanwhile.
    expect(await countCalls(run, "xrange")).toBeLessThan(15);
    expect(await countCalls(run, "xread")).toBeLessThan(40);
  });

  test("an event costs as much when a relay follows many other streams", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    // No lease is renewed meanwhile, which costs something for each stream.
    const logs = await twoRelays(server.url, { leaseMs: 600_000 });
    const inputBytes = async (): Promise<number> => {
      const stats = await run((client) => client.info("stats"));
      return Number(/total_net_input_bytes:(\d+)/.exec(stats)?.[1]);
    };
    async function costOfEvents(): Promise<number> {
      const { streamId, writer } = await openStream(logs);
      const reader = await follow(logs.there, streamId);
      await write(writer, [token("first")]);
      await take(reader, 1);
      const before = await inputBytes();
      for (const event of texts) {
        await write(writer, [event]);
        await take(reader, 1);
      }
      return (await inputBytes()) - before;
    }
    const alone = await costOfEvents();
    for (let count = 0; count < 200; count += 1) {
      const { streamId, writer } = await openStream(logs);
      const reader = await follow(logs.there, streamId);
      await write(writer, [token("first")]);
      await take(reader, 1);
    }
    const amongMany = await costOfEvents();
    expect(amongMany).toBeLessThan(2 * alone);
  });

  test("readers who leave and reconnect soon find the stream still there", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    const logs = await twoRelays(server.url, { leaseMs: 60_000 });
    const { streamId, writer } = await openStream(logs);
    await write(writer, ...texts.map((event) => [event]));
    await eventually(async () => {
      expect(await logs.there.find(streamId)).toMatchObject({ lastId: texts.length });
    });
    for (let visits = 0; visits < 20; visits += 1) {
      const reader = await follow(logs.there, streamId);
      await take(reader, 1);
      await reader.return?.();
    }
    expect(await countCalls(run, "xrange")).toBe(1);
  });

  test("what piles up while Redis answers goes there together", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    const logs = await twoRelays(server.url);
    const { streamId, writer } = await openStream(logs);
    for (let count = 0; count < 500; count += 1) void writer.append([token(String(count))]);
    await write(writer, [stop]);
    expect(await readAll(logs.there, streamId)).toHaveLength(501);
    expect(await run((client) => client.xLen(`gatestream:{${streamId}}:log`))).toBeLessThan(5);
  });

  test("what a stream takes up in Redis is bounded, and whole entries go", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    const maxLogBytes = 4_096;
    const logs = await twoRelays(server.url, { maxLogBytes });
    const { streamId, writer } = await openStream(logs);
    const key = `gatestream:{${streamId}}:log`;
    for (let count = 1; count <= 200; count += 1) {
      await write(writer, [token("é".repeat(20))]);
      if (count % 20 === 0) await loopTurn();
    }
    await write(writer, [stop]);
    await eventually(async () => {
      expect(await logs.there.find(streamId)).toMatchObject({ isClosed: true });
    });
    const entries = (await run((client) => client.xRange(key, "-", "+"))) ?? [];
    const sizes = entries.map(({ message }) => Buffer.byteLength(message["events"] ?? ""));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThanOrEqual(maxLogBytes);
    expect(bytes).toBeGreaterThan(maxLogBytes / 2);
  });

  test("every key expires by itself, whatever happens to its stream", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    const expectAllToExpire = async (): Promise<number> => {
      const names = await run((client) => client.keys("*"));
      for (const name of names) {
        // -2 is of one that has expired since.
        expect(await run((client) => client.pTTL(name)), name).not.toBe(-1);
      }
      return names.length;
    };
    const { writing, ...logs } = await twoRelays(server.url);
    const [running, ended, cancelled, lost] = [
      await openStream(logs),
      await openStream(logs),
      await openStream(logs),
      await openStream(await twoRelays(server.url)),
    ];
    await logs.there.claim("of a stream that never begins", "nobody");
    await logs.here.claim("of one that runs", running.streamId);
    await logs.there.claim("of one that has ended", ended.streamId);
    await logs.there.claim("released", ended.streamId);
    await logs.there.release("released");
    for (const { writer } of [running, ended, cancelled, lost]) await write(writer, [token("a")]);
    const readers = [running, ended, cancelled, lost].map(({ streamId }) =>
      readAll(logs.there, streamId),
    );
    expect(await expectAllToExpire()).toBeGreaterThan(10);
    await write(ended.writer, [stop]);
    await logs.there.cancel(cancelled.streamId);
    await run((client) => client.configResetStat());
    await expectAllToExpire();
    await Promise.all(readers.slice(1, 3));
    await logs.there.release("of one that has ended");
    await logs.there.release("of a stream that never begins");
    await expectAllToExpire();
    await writing.crash();
    await Promise.all(readers.slice(0, 1));
    await expectAllToExpire();
    await Promise.all([logs.here.close(), logs.there.close()]);
    await expectAllToExpire();
  });

  test("reading renews nothing; running does", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    const { here, there } = await twoRelays(server.url, { retainClosedMs: 30_000 });
    const [ended, running] = [await openStream({ here, there }), await openStream({ here, there })];
    await write(ended.writer, [token("a"), stop]);
    const lifeMs = (name: string) => run((client) => client.pTTL(name));
    const names = ["log", "meta"].map((part) => `gatestream:{${ended.streamId}}:${part}`);
    for (const name of names) await run((client) => client.pExpire(name, 10_000));
    for (const log of [here, there]) expect(await readAll(log, ended.streamId)).toHaveLength(2);
    for (const name of names) expect(await lifeMs(name)).toBeLessThanOrEqual(10_000);

    const runningMeta = `gatestream:{${running.streamId}}:meta`;
    await run((client) => client.pExpire(runningMeta, 10_000));
    await write(running.writer, [token("a")]);
    await eventually(async () => expect(await lifeMs(runningMeta)).toBeGreaterThan(10_000));
  });

  test("a stream that has nothing to say for long does not expire", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    const { here, there } = await twoRelays(server.url, { retainClosedMs: 0, leaseMs: 150 });
    const { streamId, writer } = await openStream({ here, there });
    const key = `gatestream:{${streamId}}:meta`;
    let lastMs = await run((client) => client.pTTL(key));
    await eventually(async () => {
      const lifeMs = await run((client) => client.pTTL(key));
      const wasRenewed = lifeMs > lastMs;
      lastMs = lifeMs;
      expect(wasRenewed).toBe(true);
    });
    const reader = await follow(there, streamId);
    await write(writer, [token("a"), stop]);
    expect(await take(reader)).toEqual(numbered([token("a"), stop]));
  });

  test("a connection that breaks again and again loses nothing and repeats nothing", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    // Longer than all the breaks together.
    const { here, there } = await twoRelays(server.url, { leaseMs: 5_000 });
    const { streamId, writer } = await openStream({ here, there });
    const reading = take(await follow(there, streamId));
    const contents = Array.from({ length: 300 }, (_, index) => token(String(index)));
    for (const [index, event] of contents.entries()) {
      await write(writer, [event]);
      await loopTurn();
      if (index % 60 !== 30) continue;
      await run((client) => client.sendCommand(["CLIENT", "KILL", "TYPE", "normal"]));
      await eventually(() => expect(here.isReady).toBe(true));
    }
    await eventually(() => expect(writer.isResumable).toBe(true));
    await write(writer, [stop]);
    const events = (await reading).filter(({ id }) => id !== undefined);
    expect(events).toEqual(numbered([...contents, stop]));
  });

  test("the writer is notified once when Redis refuses commands, until it accepts them again", async () => {
    await using server = await startRedis();
    const run = await watching(server.url);
    const refusals: unknown[] = [];
    const { log } = await relayOnRedis(server.url, {
      onLost: (failure) => refusals.push(failure),
    });
    const { streamId, writer } = await openStream({ here: log, there: log });
    for (let times = 1; times <= 2; times += 1) {
      await run((client) => client.configSet("maxmemory", "1"));
      await write(writer, [token("a")], [token("b")]);
      await eventually(() => expect(refusals).toHaveLength(times));
      expect(writer.isResumable).toBe(false);
      await run((client) => client.configSet("maxmemory", "0"));
      await eventually(() => expect(writer.isResumable).toBe(true));
    }
    expect(String(refusals[0])).toContain("OOM");
    await write(writer, [stop]);
    const { log: another } = await relayOnRedis(server.url);
    const all = numbered([...["a", "b", "a", "b"].map(token), stop]);
    expect(await readAll(another, streamId)).toEqual(all);
  });
});
