import { randomUUID } from "node:crypto";
import { isTerminal, type StreamEvent } from "@gatestream/protocol";
import { assert, describe, expect, onTestFinished, test } from "vitest";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { deferred } from "../../../relay/src/testing/deferred.ts";
import { redisUnderTest } from "../connection/testing/redis-under-test.ts";
import {
  batchesOf,
  cancelled,
  numbered,
  stop,
  take,
  token,
  write,
} from "../../../relay/src/log/contract/logs-under-test.ts";
import { createStreamStore, type LogState } from "./stream-store.ts";
import { WrittenStream } from "./written-stream.ts";

/** A stream on a server, without notifications from other relays. */
async function streamOnRedis(maxLogBytes = 1_048_576) {
  const server = await startRedis();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const { redis, untilReady } = redisUnderTest(server.url);
  await untilReady();
  const store = createStreamStore(redis, {
    maxLogBytes,
    keyPrefix: "test",
    maxKeptStreamsPerSubject: 16,
    retainClosedMs: 60_000,
    leaseMs: 60_000,
  });
  const streamId = randomUUID();
  const facts = { streamId, subject: "ada", writerId: randomUUID() };
  /** What Redis was asked, and what becomes of its next answer. */
  const calls: string[][] = [];
  let onAnswer = async (state: LogState): Promise<LogState> => state;
  const closing = new AbortController();
  const { promise: whenOver, resolve: onOver } = deferred();
  const stream = new WrittenStream({
    onClosed: (reason) => closing.abort(reason),
    facts,
    maxLogBytes,
    async send(written, append) {
      calls.push([append.after, ...append.entries.map(({ id }) => id)]);
      return onAnswer(await store.append(written, append));
    },
    mayBeEndedElsewhere: () => false,
    onOver,
  });
  await stream.synchronize();
  return {
    stream,
    closed: closing.signal,
    /** Resolves when Redis has the end. */
    whenOver,
    calls,
    readHere: (after = 0) => take(batchesOf((reader) => stream.log.follow(after, reader))),
    endElsewhere: (by: "cancelled" | "lost") => store.end(streamId, "another", by),
    /** As when it has expired: the events stay a little longer. */
    forgetMeta: () => redis.run((client) => client.del(`test:{${streamId}}:meta`)),
    loseNextAnswer() {
      onAnswer = async () => {
        onAnswer = async (state) => state;
        throw new Error("the connection broke before the answer came");
      };
    },
    async stored() {
      const entries = await store.readAfter(streamId, "0-0");
      return entries.flatMap(({ message }) => JSON.parse(message["events"] ?? "") as StreamEvent[]);
    },
  };
}

describe.skipIf(whyNoRedis)(`a stream that is written to Redis ${whyNoRedis ?? ""}`, () => {
  test.each(["cancelled", "lost"] as const)(
    "one that was %s elsewhere finds out at its next append",
    async (by) => {
      const { stream, closed, endElsewhere, readHere, stored } = await streamOnRedis();
      await write(stream, [token("a")]);
      await stream.synchronize();
      await endElsewhere(by);
      expect(closed.aborted).toBe(false);
      await write(stream, [token("b")]);
      await stream.synchronize();
      expect(closed.aborted).toBe(true);
      const ends = (await readHere()).map(({ event }) => event).filter(isTerminal);
      expect(ends).toEqual((await stored()).filter(isTerminal));
      expect(closed.reason).toMatchObject(
        by === "lost" ? { code: "producer_lost" } : { name: "AbortError" },
      );
    },
  );

  test("where it is ended at both ends at once, Redis decides", async () => {
    const { stream, closed, endElsewhere, readHere, stored } = await streamOnRedis();
    await endElsewhere("cancelled");
    await write(stream, [token("a"), stop]);
    await stream.synchronize();
    expect(await stored()).toEqual([cancelled]);
    expect((await readHere()).at(-1)?.event).toEqual(cancelled);
    // Its writer has ended it already: there is nothing to stop.
    expect(closed.aborted).toBe(false);
  });

  test.each([
    { what: "an event", events: [token("b")] },
    { what: "a notice alone", events: [{ type: "warning", code: "malformed_line" } as const] },
    { what: "the end", events: [token("b"), stop] },
  ])("$what whose answer was lost is there once", async ({ events }) => {
    const { stream, loseNextAnswer, stored, readHere } = await streamOnRedis();
    await write(stream, [token("a")]);
    await stream.synchronize();
    loseNextAnswer();
    await write(stream, events);
    await stream.synchronize();
    await write(stream, [token("c"), stop]);
    await stream.synchronize();
    const all = [token("a"), ...events];
    if (!events.some(isTerminal)) all.push(token("c"), stop);
    expect(await stored()).toEqual(all);
    const here = (await readHere()).filter(
      ({ event }) => !("code" in event && event.code === "not_resumable"),
    );
    expect(here).toEqual(numbered(all));
  });

  test("one that Redis has forgotten is brought there again", async () => {
    const { stream, forgetMeta, stored } = await streamOnRedis();
    for (const content of ["a", "b", "c"]) {
      await write(stream, [token(content)]);
      await stream.synchronize();
    }
    await forgetMeta();
    await stream.synchronize();
    expect(stream.isResumable).toBe(true);
    expect(await stored()).toEqual(["a", "b", "c"].map(token));
  });

  test("notices at its end are not lost, though the end comes in the same moment", async () => {
    const { stream, stored } = await streamOnRedis();
    const warning = { type: "warning", code: "malformed_line" } as const;
    await write(stream, [token("a")], [warning], [stop]);
    await stream.synchronize();
    expect(await stored()).toEqual([token("a"), warning, stop]);
  });

  test("one call at a time: what comes meanwhile goes with the next", async () => {
    const { stream, whenOver, calls } = await streamOnRedis();
    const events = Array.from({ length: 100 }, (_, index) => token(String(index)));
    for (const event of events) stream.append([event]);
    stream.append([stop]);
    await whenOver;
    const [opened, first, second, ...more] = calls;
    assert(more.length === 0);
    expect([opened, first, second]).toEqual([["0-0"], ["0-0", "1-0"], ["1-0", "101-0"]]);
  });

  test("nothing makes the writer wait, and the end waits for Redis", async () => {
    const { stream, whenOver, stored } = await streamOnRedis();
    expect(stream.append([token("a")])).toBe(true);
    expect(stream.append([stop])).toBe(true);
    expect(stream.log).toMatchObject({ lastId: 1, isClosed: false });
    await whenOver;
    expect(stream.log.isClosed).toBe(true);
    expect(await stored()).toEqual([token("a"), stop]);
    expect(stream.append([token("late")])).toBe(true);
  });
});
