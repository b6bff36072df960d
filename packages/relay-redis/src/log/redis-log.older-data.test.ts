import { describe, expect, test } from "vitest";
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
import { leaseMs, relayOnRedis, twoRelays } from "./testing/relay-on-redis.ts";
import { eventually } from "@gatestream/testing/eventually";

/** A server that can go back to what it had of a stream. */
async function streamWithPast() {
  const server = await startRedis();
  const { writing, reading, ...logs } = await twoRelays(server.url);
  const { run } = reading.redis;
  const { streamId, writer } = await openStream(logs);
  const reader = await follow(logs.there, streamId);
  await write(writer, [token("a")]);
  await take(reader, 1);
  const names = ["log", "meta"].map((part) => `gatestream:{${streamId}}:${part}`);
  for (const name of names) await run((client) => client.copy(name, `older:${name}`));
  await write(writer, [token("b")], [token("c")]);
  await take(reader, 2);
  return {
    ...logs,
    streamId,
    writer,
    reader,
    crash: writing.crash,
    forgetMeta: () => run((client) => client.del(`gatestream:{${streamId}}:meta`)),
    async goBack() {
      for (const name of names) await run((client) => client.rename(`older:${name}`, name));
    },
    /** By a relay that has not read it before. */
    readAnew: async () => readAll((await relayOnRedis(server.url)).log, streamId),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const whole = numbered([...["a", "b", "c", "d"].map(token), stop]);
const lost = expect.objectContaining({ type: "error", code: "producer_lost" });

describe.skipIf(whyNoRedis)(`a Redis that restarts with older data ${whyNoRedis ?? ""}`, () => {
  test("is given what it has lost, and no reader misses anything", async () => {
    await using stream = await streamWithPast();
    await stream.goBack();
    await write(stream.writer, [token("d")], [stop]);
    expect(await take(stream.reader)).toEqual(whole.slice(3));
    expect(await stream.readAnew()).toEqual(whole);
  });

  test("and without the facts of a stream is given all of it anew", async () => {
    await using stream = await streamWithPast();
    await stream.forgetMeta();
    await write(stream.writer, [token("d")], [stop]);
    expect(await take(stream.reader)).toEqual(whole.slice(3));
    expect(await stream.readAnew()).toEqual(whole);
  });

  test("of a relay that is gone: its readers get producer_lost, numbered after what they had", async () => {
    await using stream = await streamWithPast();
    await stream.crash();
    await stream.goBack();
    expect(await take(stream.reader)).toEqual([{ id: 4, event: lost }]);
    expect(await stream.readAnew()).toEqual([...whole.slice(0, 1), { id: 2, event: lost }]);
  });

  test("readers on another relay get producer_lost when the writer and its stream are gone", async () => {
    await using stream = await streamWithPast();
    await stream.crash();
    await stream.forgetMeta();
    expect(await take(stream.reader)).toEqual([{ id: 4, event: lost }]);
    expect(await stream.there.find(stream.streamId)).toBeUndefined();
  });
});

describe.skipIf(whyNoRedis)(`a relay that reconnects first ${whyNoRedis ?? ""}`, () => {
  test("gives the others the time of a lease before it calls them lost", async () => {
    await using server = await startRedis();
    const writing = await relayOnRedis(server.url, { leaseMs: 600_000 });
    const { run } = writing.redis;
    const clientIds = async () => (await run((client) => client.clientList())).map(({ id }) => id);
    // Its subscriber has a connection of its own.
    await eventually(async () => expect(await clientIds()).toHaveLength(2));
    const before = new Set(await clientIds());
    const reading = await relayOnRedis(server.url, { leaseMs: 10 * leaseMs });
    const logs = { here: writing.log, there: reading.log };
    const { streamId, writer } = await openStream(logs);
    const reader = await follow(logs.there, streamId);
    await write(writer, [token("a")]);
    await take(reader, 1);
    await eventually(async () => expect((await clientIds()).length).toBe(before.size + 2));
    // Only the reading relay has been cut off, and finds no lease when it is back.
    const cutOff = (await clientIds()).filter((id) => !before.has(id));
    for (const id of cutOff) {
      await run((client) => client.sendCommand(["CLIENT", "KILL", "ID", String(id)]));
    }
    await run(async (client) => client.del(await client.keys("*:lease")));
    const rest = take(reader);
    await reading.untilReady();
    await new Promise((resolve) => {
      setTimeout(resolve, 5 * leaseMs);
    });
    await write(writer, [stop]);
    expect(await rest).toEqual(numbered([stop], 2));
  });
});
