import { describe, expect, test } from "vitest";
import { deferred } from "../../src/testing/deferred.ts";
import type { ResumableLog } from "../../src/log/event-log.ts";
import { createMemoryLog } from "../../src/log/memory-log.ts";
import { loggedStreamId } from "../../src/observe/logged-names.ts";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { createReader, type ResumingReader } from "@gatestream/testing/resuming-reader";
import {
  describeEachLog,
  startRelays,
  startTwoRelays,
  type RelaysUnderTest,
  type RelaysUnderTestOptions,
} from "@gatestream/testing/two-relays";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { askForWhole, expectWhole, idsOf, lastId } from "@gatestream/testing/whole-answer";
import { eventually } from "@gatestream/testing/eventually";

const held = { gateway: { hold: "pieces" } } as const;
const shortGrace: RelaysUnderTestOptions = { ...held, orphanGraceMs: 100 };

/** A reader of a new stream that has had `events` of it. */
async function startReader(
  { here, gateway }: RelaysUnderTest,
  events: number,
): Promise<ResumingReader> {
  const reader = createReader();
  await reader.open(ask(here.streamUrl, askForWhole));
  if (events > 0) await gateway.release(events);
  await reader.readTo(events);
  return reader;
}

/** Waits for as long as a stream may run without readers: until one has been abandoned. */
async function untilGraceIsOver({ here }: RelaysUnderTest): Promise<void> {
  const headers = { Prefer: "respond-async" };
  const reply = await replyTo(ask(here.streamUrl, question("Hello"), { headers }));
  const streamId = loggedStreamId(JSON.parse(reply.text).streamId, "");
  await eventually(() =>
    expect(here.observed).toContainEqual(
      expect.objectContaining({ type: "stream_ended", streamId, ending: "abandoned" }),
    ),
  );
}

/** Readers of a new stream, one on each relay, that have both had an event of it. */
async function startTwoReaders(relays: RelaysUnderTest) {
  const reader = await startReader(relays, 1);
  const other = createReader(reader.streamId);
  await other.comeBack(relays.there.url);
  await other.readTo(1);
  return { reader, other };
}

function endings({ here }: RelaysUnderTest): readonly string[] {
  return here.observed.flatMap((event) => (event.type === "stream_ended" ? [event.ending] : []));
}

describeEachLog("a detached stream", (kind) => {
  test("without readers for the grace is abandoned, once", async () => {
    await using relays = await startRelays(kind, shortGrace);
    const reader = await startReader(relays, 3);
    reader.cut();
    expect(await relays.here.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
    const isAborted = ({ state }: { state: string }): boolean => state === "aborted";
    const chat = await relays.gateway.emulator.waitFor(isAborted);
    expect(chat.scenario).toBe("many-tokens");
    await untilGraceIsOver(relays);
    expect(endings(relays)).toEqual(["abandoned", "abandoned"]);
    await reader.comeBack(relays.there.url);
    await reader.readToEnd();
    expect(idsOf(reader)).toEqual([1, 2, 3, 4]);
    expect(reader.events.at(-1)?.event).toEqual({
      type: "stop",
      reason: "abandoned",
      usage: { inputTokens: expect.any(Number), outputTokens: 3, isEstimate: true },
    });
    expect((await reader.comeBack(relays.there.url)).statusCode).toBe(204);
  });

  test("that never had a reader is abandoned", async () => {
    await using relays = await startRelays(kind, shortGrace);
    await untilGraceIsOver(relays);
    expect(endings(relays)).toEqual(["abandoned"]);
  });

  test("whose reader reconnects within the grace continues", async () => {
    await using relays = await startRelays(kind, { ...held, orphanGraceMs: 1_000 });
    const reader = await startReader(relays, 3);
    reader.cut();
    await reader.comeBack(relays.here.url);
    await untilGraceIsOver(relays);
    await relays.gateway.release(lastId);
    await reader.readToEnd();
    expectWhole(reader);
    expect(relays.gateway.chatCount).toBe(2);
  });

  test("goes on for as long as one of its readers is there", async () => {
    await using relays = await startRelays(kind, shortGrace);
    const reader = await startReader(relays, 3);
    const other = createReader(reader.streamId);
    await other.comeBack(relays.here.url);
    reader.cut();
    await untilGraceIsOver(relays);
    await relays.gateway.release(lastId);
    await other.readToEnd();
    expectWhole(other);
  });

  test("whose reader still waits for the headers goes on", async () => {
    await using relays = await startRelays(kind, {
      orphanGraceMs: 100,
      firstByteGraceMs: 600_000,
      gateway: { hold: "chat" },
    });
    const reader = createReader();
    const opened = reader.open(ask(relays.here.streamUrl, askForWhole));
    await relays.here.untilObserved("stream_started");
    await untilGraceIsOver(relays);
    expect(endings(relays)).toEqual(["abandoned"]);
    // Either may have come first, and the abandoned one may have ended before it came.
    void relays.gateway.release();
    void relays.gateway.release();
    expect((await opened).statusCode).toBe(200);
    await reader.readToEnd();
    expectWhole(reader);
  });

  test("whose reader left while it waited for the headers is abandoned after the grace", async () => {
    await using relays = await startRelays(kind, {
      orphanGraceMs: 100,
      firstByteGraceMs: 600_000,
      gateway: { hold: "chat" },
    });
    const asking = ask(relays.here.streamUrl, askForWhole);
    await relays.here.untilObserved("stream_started");
    asking.destroy();
    expect(await relays.here.untilObserved("stream_ended")).toMatchObject({
      ending: "abandoned",
      readerLeft: true,
    });
  });

  test.each(["here", "there"] as const)(
    "that is cancelled %s ends for all its readers, and at the gateway",
    async (place) => {
      // It ends because it is cancelled, not because its readers are gone then.
      await using relays = await startRelays(kind, { ...held, orphanGraceMs: 600_000 });
      const reader = await startReader(relays, 3);
      const other = createReader(reader.streamId);
      await other.comeBack(relays.there.url);
      await other.readTo(3);
      const target = `${relays[place].streamUrl}/${reader.streamId}`;
      for (const cancel of [
        () => ask(target, undefined, { method: "DELETE" }),
        () => ask(`${target}/cancel`, undefined),
        () => ask(target, undefined, { method: "DELETE" }),
      ]) {
        expect((await replyTo(cancel())).status).toBe(204);
      }
      for (const one of [reader, other]) {
        await one.readToEnd();
        expect(idsOf(one)).toEqual([1, 2, 3, 4]);
        expect(one.events.at(-1)?.event).toMatchObject({ type: "stop", reason: "cancelled" });
      }
      await relays.gateway.emulator.waitFor(
        (call) => call.kind === "chat" && call.state === "aborted",
      );
      expect(endings(relays)).toEqual(["cancelled"]);
    },
  );
});

function memoryLog(): ResumableLog {
  return createMemoryLog({
    maxLogBytes: 1_048_576,
    maxTotalLogBytes: 1_048_576,
    retainClosedMs: 600_000,
  });
}

test("a stream whose log takes longer than the grace to open has its reader then", async () => {
  const kept = memoryLog();
  const opened = deferred();
  const opening = deferred();
  let count = 0;
  const log: ResumableLog = {
    ...kept,
    async create(...facts) {
      count += 1;
      opening.resolve();
      if (count === 1) await opened.promise;
      return kept.create(...facts);
    },
  };
  await using here = await startRelay({ log, orphanGraceMs: 100 });
  const reply = replyTo(ask(here.streamUrl, askForWhole));
  await opening.promise;
  const headers = { Prefer: "respond-async" };
  await replyTo(ask(here.streamUrl, question("/scenario stall"), { headers }));
  expect(await here.untilObserved("stream_ended")).toMatchObject({ ending: "abandoned" });
  opened.resolve();
  expect((await reply).text).toContain('"type":"stop","reason":"stop"');
});

test("a stream whose readers elsewhere come and go within the grace goes on", async () => {
  const asked: (readonly [string, number | undefined])[] = [];
  const log: ResumableLog = {
    ...memoryLog(),
    async hasReadersElsewhere(...stream) {
      asked.push([...stream] as [string, number | undefined]);
      return asked.length < 3;
    },
  };
  await using here = await startRelay({
    log,
    orphanGraceMs: 100,
    authenticate: () => ({ subject: "ada" }),
  });
  const headers = { Prefer: "respond-async" };
  const reply = await replyTo(ask(here.streamUrl, question("/scenario stall"), { headers }));
  const { streamId } = JSON.parse(reply.text);
  expect(await here.untilObserved("stream_ended")).toMatchObject({ ending: "abandoned" });
  expect(asked).toEqual(Array.from({ length: 3 }, () => [streamId, 100]));
});

test("a reader that waits for the headers of a cancelled stream gets its end", async () => {
  await using relays = await startRelays("memory", {
    firstByteGraceMs: 600_000,
    gateway: { hold: "chat" },
    // The observer gets the ids of streams that are bound to a subject.
    authenticate: () => ({ subject: "ada" }),
  });
  const { here } = relays;
  const reader = createReader();
  const opened = reader.open(ask(here.streamUrl, askForWhole));
  const { streamId } = await here.untilObserved("stream_started");
  await replyTo(ask(`${here.streamUrl}/${streamId}`, undefined, { method: "DELETE" }));
  expect((await opened).statusCode).toBe(200);
  await reader.readToEnd();
  expect(reader.events.at(-1)?.event).toEqual({ type: "stop", reason: "cancelled" });
  expect(relays.gateway.chatCount).toBe(0);
});

test("a stream that others cancel before its gateway is asked is never asked for", async () => {
  const kept = memoryLog();
  const log: ResumableLog = {
    ...kept,
    // A client with the same key on another relay finds the stream there, and may cancel it.
    async claim(key, streamId) {
      const holder = await kept.claim(key, streamId);
      await kept.cancel(holder);
      return holder;
    },
  };
  await using under = await startRelay({ log });
  const headers = { "Idempotency-Key": "my-key-0123456789" };
  const reply = await replyTo(ask(under.streamUrl, askForWhole, { headers }));
  expect(reply.text).not.toContain('"token"');
  expect(await under.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
  expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toEqual([]);
});

describe.skipIf(whyNoRedis)(`a detached stream that is read elsewhere ${whyNoRedis ?? ""}`, () => {
  test("goes on without a reader on the relay that writes it", async () => {
    await using relays = await startTwoRelays(shortGrace);
    const { reader, other } = await startTwoReaders(relays);
    reader.cut();
    await untilGraceIsOver(relays);
    await untilGraceIsOver(relays);
    await relays.gateway.release(lastId);
    await other.readToEnd();
    expectWhole(other);
    expect(relays.gateway.chatCount).toBe(3);
  });

  test("is abandoned when its reader there has been gone for long", async () => {
    await using relays = await startTwoRelays(shortGrace);
    const { reader, other } = await startTwoReaders(relays);
    reader.cut();
    other.cut();
    expect(await relays.here.untilObserved("stream_ended")).toMatchObject({ ending: "abandoned" });
  });
});
