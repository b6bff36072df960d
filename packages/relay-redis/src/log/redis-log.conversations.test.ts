import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { eventually } from "@gatestream/testing/eventually";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import type { LogWriter, ResumableLog } from "@gatestream/relay/parts";
import { listenerOf, stop, token, write } from "../../../relay/src/log/contract/logs-under-test.ts";
import type { RedisLogSettings } from "./stream-store.ts";
import { twoRelays } from "./testing/relay-on-redis.ts";

const conversationId = "case:4711";

async function relaysWithConversation(options: Partial<RedisLogSettings> = {}) {
  const server = await startRedis();
  const relays = await twoRelays(server.url, options);
  const { run } = relays.reading.redis;
  return {
    ...relays,
    run,
    async open(): Promise<{ readonly streamId: string; readonly writer: LogWriter }> {
      const streamId = randomUUID();
      const facts = { subject: "ada", conversationId, startedAt: Date.now() };
      return { streamId, writer: await relays.here.create(streamId, facts, listenerOf()) };
    },
    /** The ids in the index, also of streams that are not there any more. */
    async indexed(): Promise<readonly string[]> {
      const [index = ""] = await run((client) => client.keys("gatestream:conversation:*"));
      return run((client) => client.zRange(index, 0, -1));
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function idsIn(log: ResumableLog): Promise<readonly string[]> {
  return ((await log.findByConversation?.(conversationId)) ?? []).map(({ streamId }) => streamId);
}

describe.skipIf(whyNoRedis)(`the streams of a conversation on Redis ${whyNoRedis ?? ""}`, () => {
  test("run while the lease of their relay lives, and have ended with producer_lost then", async () => {
    await using relays = await relaysWithConversation();
    const { streamId, writer } = await relays.open();
    await write(writer, [token("a")]);
    const found = () => relays.there.findByConversation?.(conversationId);
    await eventually(async () => {
      expect(await found()).toMatchObject([{ streamId, lastId: 1, isClosed: false }]);
    });
    await relays.writing.crash();
    const [key = ""] = await relays.run((client) => client.keys("*:meta"));
    let hasEndedEarly = false;
    await eventually(async () => {
      const [stream] = (await found()) ?? [];
      const relayId = await relays.run((client) => client.hGet(key, "relay"));
      const lease = `gatestream:relay:{${relayId}}:lease`;
      // Asked for later: a lease that is there now was there before.
      const hasLease = (await relays.run((client) => client.exists(lease))) === 1;
      hasEndedEarly ||= hasLease && stream?.isClosed === true;
      expect(stream).toMatchObject({ lastId: 2, isClosed: true, reason: "producer_lost" });
    });
    expect(hasEndedEarly).toBe(false);
    expect(await relays.there.find(streamId)).toMatchObject({ reason: "producer_lost" });
  });

  test("are found again when Redis has lost its data", async () => {
    await using relays = await relaysWithConversation();
    const { streamId, writer } = await relays.open();
    await write(writer, [token("a")]);
    await relays.run((client) => client.flushAll());
    await write(writer, [token("b")]);
    await eventually(async () => {
      const found = await relays.there.findByConversation?.(conversationId);
      expect(found).toMatchObject([{ streamId, lastId: 2, subject: "ada" }]);
    });
  });

  test("that went because their caller had too many are in the index no more", async () => {
    await using relays = await relaysWithConversation({ maxKeptStreamsPerSubject: 2 });
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const { streamId, writer } = await relays.open();
      await write(writer, [stop]);
      await eventually(async () => {
        expect(await relays.there.find(streamId)).toMatchObject({ isClosed: true });
      });
      ids.push(streamId);
    }
    const kept = ids.slice(2).toSorted();
    expect((await idsIn(relays.there)).toSorted()).toEqual(kept);
    expect((await relays.indexed()).toSorted()).toEqual(kept);
  });

  test("that have expired leave the index with the next append, and the last takes it along", async () => {
    await using relays = await relaysWithConversation({ retainClosedMs: 100 });
    const [first, running] = [await relays.open(), await relays.open()];
    await write(first.writer, [stop]);
    await eventually(async () => expect(await idsIn(relays.there)).toEqual([running.streamId]));
    await write(running.writer, [token("a")]);
    await eventually(async () => expect(await relays.indexed()).toEqual([running.streamId]));
    await write(running.writer, [stop]);
    await eventually(async () => {
      expect(await relays.run((client) => client.keys("gatestream:conversation:*"))).toEqual([]);
    });
  });

  test("leave no key that does not expire, and none that names the conversation", async () => {
    await using relays = await relaysWithConversation();
    const [ended] = [await relays.open(), await relays.open()];
    await write(ended.writer, [stop]);
    await eventually(async () => {
      expect(await relays.there.find(ended.streamId)).toMatchObject({ isClosed: true });
    });
    const keys = await relays.run((client) => client.keys("*"));
    expect(keys.filter((key) => key.startsWith("gatestream:conversation:"))).toHaveLength(1);
    expect(keys.filter((key) => key.includes(conversationId))).toEqual([]);
    for (const key of keys) {
      // A lease may lapse meanwhile: -2; one that never expires is -1.
      expect([key, await relays.run((client) => client.pTTL(key))]).not.toEqual([key, -1]);
    }
  });

  test("run, although their lease is missing, where that is not to be trusted", async () => {
    await using relays = await relaysWithConversation({ leaseMs: 600_000 });
    const { streamId } = await relays.open();
    await relays.run(async (client) => client.del(await client.keys("*:lease")));
    // It has not been there for the time of a lease: others may be about to renew theirs.
    expect(await relays.there.findByConversation?.(conversationId)).toMatchObject([
      { streamId, isClosed: false },
    ]);
  });
});
