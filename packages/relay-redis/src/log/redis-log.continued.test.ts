import { describe, expect, test } from "vitest";
import { startFaultProxy } from "@gatestream/testing/fault-proxy";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import type { LogWriter, LostStream, ResumableLog } from "@gatestream/relay/parts";
import { eventually } from "@gatestream/testing/eventually";
import {
  follow,
  listenerOf,
  numbered,
  openStream,
  queued,
  readAll,
  stop,
  take,
  token,
  write,
} from "../../../relay/src/log/contract/logs-under-test.ts";
import { relayOnRedis, twoRelays } from "./testing/relay-on-redis.ts";

/** Takes over what is lost, and keeps its writer. */
function continueOn(log: ResumableLog) {
  const taken: { lost: LostStream; writer: LogWriter; closed: AbortSignal }[] = [];
  log.onLost?.(async (lost) => {
    const closing = new AbortController();
    const writer = await lost.take(listenerOf(closing));
    if (writer !== undefined) taken.push({ lost, writer, closed: closing.signal });
    return true;
  });
  return {
    taken,
    async first() {
      await eventually(async () => expect(taken).toHaveLength(1));
      const [first] = taken;
      if (first === undefined) throw new Error("Nothing was taken.");
      return first;
    },
  };
}

const begun = [token("a"), token("b")];

describe.skipIf(whyNoRedis)(
  `a stream whose relay was killed ${whyNoRedis ?? ""}`,
  { timeout: 20_000 },
  () => {
    test("is continued by a relay that has readers of it, with the ids that come next", async () => {
      await using server = await startRedis();
      const { writing, ...logs } = await twoRelays(server.url);
      const { first } = continueOn(logs.there);
      const { streamId, writer } = await openStream(logs);
      writer.keepHandle?.("job-1");
      await write(writer, begun);
      const reader = await follow(logs.there, streamId);
      expect(await take(reader, 2)).toEqual(numbered(begun));
      const rest = take(reader);
      await writing.crash();
      const { lost, writer: another } = await first();
      expect(lost).toMatchObject({
        streamId,
        handle: "job-1",
        lastId: 2,
        facts: { subject: "ada" },
      });
      // Its readers are cut off, without an end, and come back.
      expect(await rest).toEqual([]);
      await write(another, [token("c"), stop]);
      const whole = numbered([...begun, token("c"), stop]);
      expect(await readAll(logs.there, streamId)).toEqual(whole);
      const { log: third } = await relayOnRedis(server.url);
      expect(await readAll(third, streamId)).toEqual(whole);
    });

    test("is continued though it was known how only when Redis had something of it", async () => {
      await using server = await startRedis();
      const { writing, ...logs } = await twoRelays(server.url);
      const { first } = continueOn(logs.there);
      const { streamId, writer } = await openStream(logs);
      const reader = await follow(logs.there, streamId);
      await write(writer, [queued(1)]);
      expect(await take(reader, 1)).toEqual(numbered([queued(1)]));
      writer.keepHandle?.("job-1");
      await write(writer, begun);
      expect(await take(reader, 2)).toEqual(numbered(begun));
      await writing.crash();
      const { lost } = await first();
      expect(lost).toMatchObject({ streamId, handle: "job-1", lastId: 2 });
    });

    test("a reader that has had more than Redis waits for what comes after it", async () => {
      await using server = await startRedis();
      const { writing, ...logs } = await twoRelays(server.url);
      const { first } = continueOn(logs.there);
      const { streamId, writer } = await openStream(logs);
      writer.keepHandle?.("job-1");
      await write(writer, begun);
      const reader = await follow(logs.there, streamId);
      await take(reader, 2);
      await writing.crash();
      const { writer: another } = await first();
      expect(await logs.there.find(streamId)).toMatchObject({ lastId: 2, isClosed: false });
      const ahead = readAll(logs.there, streamId, 4);
      await write(another, [token("c")], [token("d")], [token("e"), stop]);
      expect(await ahead).toEqual(numbered([token("e"), stop], 5));
    });

    test("of several relays that notice one continues it, and readers on the others go on", async () => {
      await using server = await startRedis();
      const { writing, ...logs } = await twoRelays(server.url);
      const others = await Promise.all([0, 1, 2].map(() => relayOnRedis(server.url)));
      const continued = others.map(({ log }) => continueOn(log));
      const { streamId, writer } = await openStream(logs);
      writer.keepHandle?.("job-1");
      await write(writer, begun);
      const readers = await Promise.all(others.map(({ log }) => follow(log, streamId)));
      for (const reader of readers) await take(reader, 2);
      const rests = readers.map((reader) => take(reader));
      await writing.crash();
      await eventually(async () => {
        expect(continued.flatMap(({ taken }) => taken)).toHaveLength(1);
      });
      const [one] = continued.flatMap(({ taken }) => taken);
      if (one === undefined) throw new Error("Nothing was taken.");
      await write(one.writer, [token("c"), stop]);
      const continuedHere = continued.map(({ taken }) => taken.length > 0);
      expect(await Promise.all(rests)).toEqual(
        continuedHere.map((isHere) => (isHere ? [] : numbered([token("c"), stop], 3))),
      );
    });

    test("its former relay, which was only cut off, cuts its readers off, and its writer ends", async () => {
      await using server = await startRedis();
      await using link = await startFaultProxy(Number(new URL(server.url).port));
      const writing = await relayOnRedis(`redis://127.0.0.1:${link.port}`);
      const { log: there } = await relayOnRedis(server.url);
      const { first } = continueOn(there);
      const { streamId, writer, closed } = await openStream({ here: writing.log, there });
      writer.keepHandle?.("job-1");
      await write(writer, begun);
      const [here, elsewhere] = [
        await follow(writing.log, streamId),
        await follow(there, streamId),
      ];
      await take(here, 2);
      await take(elsewhere, 2);
      const rest = take(here);
      link.cut();
      const { writer: another } = await first();
      await write(another, [token("c")]);
      link.restore();
      await eventually(async () => expect(closed.aborted).toBe(true));
      const heard = await rest;
      expect(heard.filter(({ id }) => id !== undefined)).toEqual([]);
      await write(another, [stop]);
      expect(await readAll(writing.log, streamId)).toEqual(numbered([...begun, token("c"), stop]));
    });

    test("without a handle, or without a relay that continues it, it ends with producer_lost", async () => {
      await using server = await startRedis();
      const { writing, ...logs } = await twoRelays(server.url);
      const { taken } = continueOn(logs.there);
      const { log: third } = await relayOnRedis(server.url);
      const plain = await openStream(logs);
      await write(plain.writer, begun);
      const reader = await follow(logs.there, plain.streamId);
      await take(reader, 2);
      const handled = await openStream(logs);
      handled.writer.keepHandle?.("job-1");
      await write(handled.writer, begun);
      const other = await follow(third, handled.streamId);
      await take(other, 2);
      const rests = [take(reader), take(other)];
      await writing.crash();
      for (const rest of rests) {
        expect(await rest).toEqual([
          { id: 3, event: expect.objectContaining({ code: "producer_lost" }) },
        ]);
      }
      expect(taken).toEqual([]);
    });
  },
);
