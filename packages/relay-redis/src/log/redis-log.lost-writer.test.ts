import { once } from "node:events";
import { setImmediate as loopTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startFaultProxy } from "@gatestream/testing/fault-proxy";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
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
import { createStreamStore } from "./stream-store.ts";
import { leaseMs, relayOnRedis, twoRelays } from "./testing/relay-on-redis.ts";
import { eventually } from "@gatestream/testing/eventually";

const lost = expect.objectContaining({ type: "error", code: "producer_lost", retryable: true });

describe.skipIf(whyNoRedis)(`a relay that dies while it writes ${whyNoRedis ?? ""}`, () => {
  test("readers on another relay get the end after a lease and a third", async () => {
    await using server = await startRedis();
    const { writing, ...logs } = await twoRelays(server.url);
    const { streamId, writer } = await openStream(logs);
    await write(writer, [token("a"), token("b")]);
    const readers = [await follow(logs.there, streamId), await follow(logs.there, streamId)];
    for (const reader of readers) await take(reader, 2);
    // The lease that the relay had for nothing has to be over, whenever it began to read.
    await eventually(async () => expect(await logs.there.find(streamId)).toBeDefined());
    const rest = readers.map((reader) => take(reader));
    const diedAt = performance.now();
    await writing.crash();
    for (const events of await Promise.all(rest)) expect(events).toEqual([{ id: 3, event: lost }]);
    const waitedMs = performance.now() - diedAt;
    // It may have been renewed a third of a lease before.
    expect(waitedMs).toBeGreaterThan((leaseMs * 2) / 3 - 20);
    // A lease and a third, on a machine that may be busy.
    expect(waitedMs).toBeLessThan(10 * leaseMs);
  });

  test("later readers get what there is, and the same end", async () => {
    await using server = await startRedis();
    const { writing, ...logs } = await twoRelays(server.url);
    const { streamId, writer } = await openStream(logs);
    await write(writer, [token("a")]);
    await eventually(async () => {
      expect(await logs.there.find(streamId)).toMatchObject({ lastId: 1, isClosed: false });
    });
    await writing.crash();
    const ended = [...numbered([token("a")]), { id: 2, event: lost }];
    expect(await readAll(logs.there, streamId)).toEqual(ended);
    const { log: another } = await relayOnRedis(server.url);
    expect(await readAll(another, streamId)).toEqual(ended);
    expect(await another.find(streamId)).toEqual({
      subject: "ada",
      isClosed: true,
      lastId: 2,
      reason: "producer_lost",
      isEndedElsewhere: true,
    });
  });

  test("however many relays notice, there is one end", async () => {
    await using server = await startRedis();
    const { writing, ...logs } = await twoRelays(server.url);
    const others = await Promise.all([0, 1, 2].map(() => relayOnRedis(server.url)));
    const { streamId, writer } = await openStream(logs);
    await write(writer, [token("a")]);
    const readers = await Promise.all(others.map(({ log }) => follow(log, streamId)));
    for (const reader of readers) await take(reader, 1);
    await writing.crash();
    const [first, ...more] = await Promise.all(readers.map((reader) => take(reader)));
    for (const other of more) expect(other).toEqual(first);
    const [key = ""] = (await others[0]?.redis.run((client) => client.keys("*:log"))) ?? [];
    expect(await others[0]?.redis.run((client) => client.xLen(key))).toBe(2);
  });

  test.each([2, 3, 9])(
    "a reader that has had %i events, of which Redis got 2, gets the end alone, numbered after them",
    async (cursor) => {
      await using server = await startRedis();
      const { writing, ...logs } = await twoRelays(server.url);
      const { streamId, writer } = await openStream(logs);
      await write(writer, [token("a"), token("b")]);
      await eventually(async () => {
        expect(await logs.there.find(streamId)).toMatchObject({ lastId: 2 });
      });
      const waits = readAll(logs.there, streamId, cursor);
      await writing.crash();
      const end = [{ id: cursor + 1, event: lost }];
      expect(await waits).toEqual(end);
      expect(await readAll(logs.there, streamId, cursor)).toEqual(end);
    },
  );

  test("of a relay that lives nothing is declared lost, however long it has nothing to say", async () => {
    await using server = await startRedis();
    const logs = await twoRelays(server.url, { leaseMs: 90 });
    const { streamId, writer } = await openStream(logs);
    const reader = await follow(logs.there, streamId);
    const next = take(reader, 1);
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    await write(writer, [token("a")]);
    expect(await next).toEqual(numbered([token("a")]));
  });

  test("who writes is alive, also before it has had time to say so", async () => {
    await using server = await startRedis();
    const writing = await relayOnRedis(server.url, { leaseMs: 600_000 });
    const leases = await writing.redis.run((client) => client.keys("*:lease"));
    const hasLease = () => writing.redis.run((client) => client.exists(leases));
    const logs = { here: writing.log, there: (await relayOnRedis(server.url)).log };
    const { streamId, writer } = await openStream(logs);
    await writing.redis.run((client) => client.del(leases));
    await write(writer, [token("a")]);
    await eventually(async () => expect(await hasLease()).toBe(1));
    const reader = await follow(logs.there, streamId);
    await take(reader, 1);
    const next = take(reader);
    await new Promise((resolve) => {
      setTimeout(resolve, 3 * leaseMs);
    });
    await write(writer, [stop]);
    expect(await next).toEqual(numbered([stop], 2));
  });
});

describe.skipIf(whyNoRedis)(`a relay that was declared lost and lives ${whyNoRedis ?? ""}`, () => {
  test("its writer is stopped, and its readers get the end", async () => {
    await using server = await startRedis();
    // The writing one does not renew its lease for a long time.
    const writing = await relayOnRedis(server.url, { leaseMs: 600_000 });
    const reading = await relayOnRedis(server.url);
    const logs = { here: writing.log, there: reading.log };
    const { streamId, writer, closed } = await openStream(logs);
    await write(writer, [token("a")]);
    const own = await follow(logs.here, streamId);
    const reader = await follow(logs.there, streamId);
    await Promise.all([take(own, 1), take(reader, 1)]);
    const isClosed = once(closed, "abort");
    const leases = await writing.redis.run((client) => client.keys("*:lease"));
    await writing.redis.run((client) => client.del(leases));
    const end = [{ id: 2, event: lost }];
    expect(await take(reader)).toEqual(end);
    await isClosed;
    expect(closed.reason).toMatchObject({ code: "producer_lost" });
    await write(writer, [token("late")], [stop]);
    expect(await take(own)).toEqual(end);
    expect(await readAll(logs.here, streamId)).toEqual([...numbered([token("a")]), ...end]);
  });

  test("and was stopped when it ended the stream, asks Redis before its readers get an end", async () => {
    await using server = await startRedis();
    await using link = await startFaultProxy(Number(new URL(server.url).port));
    const longLeaseMs = 2_000;
    const writing = await relayOnRedis(`redis://127.0.0.1:${link.port}`, {
      leaseMs: longLeaseMs,
      connection: { commandTimeoutMs: 500 },
    });
    const { redis, log: there } = await relayOnRedis(server.url, { leaseMs: 600_000 });
    const store = createStreamStore(redis, {
      keyPrefix: "gatestream",
      maxLogBytes: 1_024,
      maxKeptStreamsPerSubject: 1_000,
      retainClosedMs: 600_000,
      leaseMs,
    });
    const { streamId, writer } = await openStream({ here: writing.log, there });
    await write(writer, [token("a")]);
    await eventually(async () => expect(await there.find(streamId)).toMatchObject({ lastId: 1 }));
    const own = await follow(writing.log, streamId);
    await take(own, 1);
    link.freeze();
    void writer.append([stop]);
    // The request to Redis leaves.
    await loopTurn();
    // As SIGSTOP and SIGCONT: nothing runs in this process for longer than the lease.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, longLeaseMs + 500);
    const { relayId = "" } = (await store.readMeta(streamId)) ?? {};
    await store.end(streamId, relayId, "lost");
    link.restore();
    expect((await take(own)).filter(({ id }) => id !== undefined)).toEqual([
      { id: 2, event: lost },
    ]);
    expect((await readAll(there, streamId)).at(-1)).toEqual({ id: 2, event: lost });
  });
});
