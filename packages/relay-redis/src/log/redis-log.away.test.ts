import { describe, expect, test } from "vitest";
import { type RedisServer, startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import {
  cancelled,
  follow,
  idsOf,
  listenerOf,
  numbered,
  openStream,
  readAll,
  stop,
  take,
  token,
  tryToFollow,
  write,
} from "../../../relay/src/log/contract/logs-under-test.ts";
import type { ResumableLog } from "@gatestream/relay/parts";
import { twoRelays } from "./testing/relay-on-redis.ts";
import { eventually } from "@gatestream/testing/eventually";

const notResumable = { id: undefined, event: { type: "warning", code: "not_resumable" } };
const overloaded = { code: "overloaded", retryAfterMs: 1_000 };

/** What happens to Redis, and how it recovers. */
const outages: readonly {
  readonly name: string;
  begin(server: RedisServer): Promise<void>;
  end(server: RedisServer): Promise<void>;
}[] = [
  {
    name: "crashes and restarts empty",
    begin: (server) => server.kill(),
    end: (server) => server.restart(),
  },
  {
    name: "does not answer and recovers with its data",
    begin: async (server) => server.freeze(),
    end: async (server) => server.thaw(),
  },
];
/** As a browser would: a disconnected reader reconnects. */
async function readPatiently(log: ResumableLog, streamId: string, cursor = 0) {
  for (;;) {
    try {
      return await readAll(log, streamId, cursor);
    } catch (refusal) {
      expect(refusal).toMatchObject(overloaded);
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }
}

const connection = { commandTimeoutMs: 1_000 };

describe.skipIf(whyNoRedis)(`streams while Redis is away ${whyNoRedis ?? ""}`, () => {
  describe.each(outages)("which $name", (outage) => {
    test("go on for readers on the same relay, and are complete elsewhere when it is back", async () => {
      await using server = await startRedis();
      // Readers elsewhere are not cut off for the time that this takes.
      const { writing, reading, ...logs } = await twoRelays(server.url, {
        connection,
        leaseMs: 30_000,
      });
      const { streamId, writer } = await openStream(logs);
      const own = await follow(logs.here, streamId);
      const reader = await follow(logs.there, streamId);
      await write(writer, [token("a")]);
      await Promise.all([take(own, 1), take(reader, 1)]);
      expect(writer.isResumable).toBe(true);

      await outage.begin(server);
      await write(writer, [token("b")]);
      // The loss may be noticed before the event comes.
      const reported = await take(own, 2);
      expect(reported).toHaveLength(2);
      expect(reported).toEqual(
        expect.arrayContaining([...numbered([token("b")], 2), notResumable]),
      );
      expect(writer.isResumable).toBe(false);
      expect(logs.here.isReady).toBe(false);
      await write(writer, [token("c")]);
      expect(await take(own, 1)).toEqual(numbered([token("c")], 3));

      await outage.end(server);
      await Promise.all([writing.untilReady(), reading.untilReady()]);
      expect(await take(reader, 2)).toEqual(numbered([token("b"), token("c")], 2));
      await eventually(() => expect(writer.isResumable).toBe(true));
      await write(writer, [token("d"), stop]);
      const rest = numbered([token("d"), stop], 4);
      expect(await take(own)).toEqual(rest);
      expect(await take(reader)).toEqual(rest);
      const whole = ["a", "b", "c", "d"].map(token);
      expect(await readAll(logs.there, streamId)).toEqual(numbered([...whole, stop]));
    });

    test("may end meanwhile: readers here get the end at once, the others when it is back", async () => {
      await using server = await startRedis();
      const logs = await twoRelays(server.url, { connection, leaseMs: 30_000 });
      const { streamId, writer } = await openStream(logs);
      const own = await follow(logs.here, streamId);
      const reader = await follow(logs.there, streamId);
      await write(writer, [token("a")]);
      await Promise.all([take(own, 1), take(reader, 1)]);
      await outage.begin(server);
      await write(writer, [token("b"), stop]);
      const end = numbered([token("b"), stop], 2);
      expect((await take(own)).filter(({ id }) => id !== undefined)).toEqual(end);
      expect(await logs.here.find(streamId)).toMatchObject({ lastId: 3, isClosed: true });
      await outage.end(server);
      expect(await take(reader)).toEqual(end);
    });
  });

  test("are not declared lost when it is back with its data, whichever relay reconnects first", async () => {
    await using server = await startRedis();
    const logs = await twoRelays(server.url, { connection, leaseMs: 600 });
    const { streamId, writer } = await openStream(logs);
    await write(writer, [token("a")]);
    const reader = await follow(logs.there, streamId);
    await take(reader, 1);
    server.freeze();
    // For longer than a lease: none is left.
    await expect(reader.next()).rejects.toMatchObject(overloaded);
    server.thaw();
    const rest = readPatiently(logs.there, streamId);
    await eventually(() => expect(writer.isResumable).toBe(true));
    await eventually(() => expect(logs.there.isReady).toBe(true));
    await write(writer, [stop]);
    expect(await rest).toEqual(numbered([token("a"), stop]));
  });

  test("that begin meanwhile live here alone, until it is back", async () => {
    await using server = await startRedis();
    const { writing, ...logs } = await twoRelays(server.url);
    await server.kill();
    await writing.untilLost();
    const { streamId, writer } = await openStream(logs);
    expect(writer.isResumable).toBe(false);
    await write(writer, [token("a")]);
    expect(await take(await follow(logs.here, streamId), 1)).toEqual(numbered([token("a")]));
    await server.restart();
    await eventually(async () => {
      expect(await logs.there.find(streamId)).toMatchObject({ lastId: 1, isClosed: false });
    });
    await eventually(() => expect(writer.isResumable).toBe(true));
    await write(writer, [stop]);
    // No reader was promised a resume: no reader needs a notice that it is impossible.
    expect(await readAll(logs.there, streamId)).toEqual(numbered([token("a"), stop]));
  });

  test("readers elsewhere get a gap for events that were too many to be kept meanwhile", async () => {
    await using server = await startRedis();
    const logs = await twoRelays(server.url, { leaseMs: 30_000, maxLogBytes: 1_024 });
    const { streamId, writer } = await openStream(logs);
    const reader = await follow(logs.there, streamId);
    await write(writer, [token("a")]);
    await take(reader, 1);
    await server.kill();
    await logs.writing.untilLost();
    for (let count = 0; count < 50; count += 1) await write(writer, [token("x".repeat(100))]);
    await write(writer, [stop]);
    await server.restart();
    const [gap, ...rest] = await take(reader);
    expect(gap).toMatchObject({ event: { type: "gap", from: 2, to: expect.any(Number) } });
    const { to } = { to: 0, ...gap?.event };
    expect(to).toBeGreaterThan(40);
    expect(idsOf(rest)).toEqual(Array.from({ length: 52 - to }, (_, index) => to + 1 + index));
  });

  test("are answered for from memory by the relay that writes them; others say when to try again", async () => {
    await using server = await startRedis();
    const { writing, reading, ...logs } = await twoRelays(server.url);
    const closing = new AbortController();
    await logs.here.create("first", { subject: "ada" }, listenerOf(closing));
    await logs.here.claim("key", "first");
    await server.kill();
    await Promise.all([writing.untilLost(), reading.untilLost()]);
    expect(logs.here.isReady).toBe(false);
    expect(await logs.here.find("first")).toMatchObject({ subject: "ada", isClosed: false });
    expect(await logs.here.claim("key", "second")).toBe("first");
    const asked = [
      logs.here.claim("other key", "second"),
      logs.there.claim("key", "second"),
      logs.there.find("first"),
      logs.there.cancel("first"),
      tryToFollow(logs.there, "first"),
    ];
    await Promise.all(asked.map((one) => expect(one).rejects.toMatchObject(overloaded)));
    const own = await follow(logs.here, "first");
    await logs.here.cancel("first");
    expect(closing.signal.aborted).toBe(true);
    expect((await take(own)).at(-1)?.event).toEqual(cancelled);
    await server.restart();
    await eventually(async () => {
      expect(await logs.there.find("first")).toMatchObject({ isClosed: true });
    });
    // A Redis that lost its data has lost the key, too.
    expect(await logs.there.claim("key", "second")).toBe("second");
  });

  test("are unknown when the relay that writes them is gone and Redis has lost its data", async () => {
    await using server = await startRedis();
    const { writing, reading, ...logs } = await twoRelays(server.url, { leaseMs: 900 });
    const { streamId, writer } = await openStream(logs);
    const reader = await follow(logs.there, streamId);
    await write(writer, [token("a")]);
    await take(reader, 1);
    await writing.crash();
    await server.kill();
    await reading.untilLost();
    await server.restart();
    await reading.untilReady();
    expect(await logs.there.find(streamId)).toBeUndefined();
    expect(await tryToFollow(logs.there, streamId, { after: 1 })).toBeDefined();
    // Readers that are there get an end: nothing comes any more.
    const lost = expect.objectContaining({ type: "error", code: "producer_lost" });
    expect(await take(reader)).toEqual([{ id: 2, event: lost }]);
    expect(await tryToFollow(logs.there, streamId)).toBeUndefined();
  });

  test("are followed elsewhere for as long as a lease; then readers are disconnected, and reconnect", async () => {
    await using server = await startRedis();
    const logs = await twoRelays(server.url);
    const { streamId, writer } = await openStream(logs);
    const reader = await follow(logs.there, streamId);
    await write(writer, [token("a")]);
    await take(reader, 1);
    await server.kill();
    await expect(reader.next()).rejects.toMatchObject(overloaded);
    expect(await reader.next()).toMatchObject({ done: true });
    await write(writer, [token("b")]);
    await server.restart();
    // Redis came back empty: the relay that writes the stream writes it again.
    await eventually(() => expect(writer.isResumable).toBe(true));
    await write(writer, [stop]);
    expect(await readPatiently(logs.there, streamId, 1)).toEqual(numbered([token("b"), stop], 2));
  });
});
