import type { StreamEvent } from "@gatestream/protocol";
import { describe, expect, test } from "vitest";
import {
  after,
  cancelled,
  ends,
  follow,
  idsOf,
  type MakeLogs,
  numbered,
  openLogs,
  openStream,
  queued,
  readAll,
  stop,
  take,
  token,
  warning,
  write,
} from "./logs-under-test.ts";

/** Batches of one event and of several, notices first, in the middle, last and alone. */
const batches: readonly (readonly StreamEvent[])[] = [
  [warning],
  [token("a")],
  [token("b"), token("c"), token("d")],
  [warning, token("e"), warning, token("f"), warning],
  [warning],
  [warning, warning],
  [{ type: "reasoning", content: "h", index: 1 }],
  [token("i"), { type: "stop", reason: "length", usage: { outputTokens: 9 } }],
];
const whole = numbered(batches.flat());
const cursors = [0, ...idsOf(whole)];

export function testOrder(makeLogs: MakeLogs): void {
  test("numbered events get the ids 1, 2, 3 … without holes", () => {
    expect(idsOf(whole)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  describe.each(ends)("a reader %s", (end) => {
    test("that is there from the beginning gets everything in order", async () => {
      const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
      const reading = readAll(logs[end], streamId);
      await write(writer, ...batches);
      expect(await reading).toEqual(whole);
    });

    test("gets each append without waiting for the next", async () => {
      const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
      const reader = await follow(logs[end], streamId);
      for (const content of ["a", "b", "c"]) {
        await write(writer, [token(content)]);
        expect(await take(reader, 1)).toMatchObject([{ event: { content } }]);
      }
    });

    test("that comes with a cursor gets what is after it, whichever it is", async () => {
      const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
      // Half of it is replay, half of it comes while they read.
      await write(writer, ...batches.slice(0, 4));
      const early = cursors.map((cursor) => readAll(logs[end], streamId, cursor));
      await write(writer, ...batches.slice(4));
      const expected = cursors.map((cursor) => after(cursor, whole));
      expect(await Promise.all(early)).toEqual(expected);
      const late = cursors.map((cursor) => readAll(logs[end], streamId, cursor));
      expect(await Promise.all(late)).toEqual(expected);
    });

    test("whose cursor is ahead of the log gets nothing that is not after it", async () => {
      const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
      const reading = readAll(logs[end], streamId, 2);
      await write(writer, [token("a")], [token("b"), token("c")], [stop]);
      expect(idsOf(await reading)).toEqual([3, 4]);
      expect(await readAll(logs[end], streamId, 9)).toEqual([]);
    });

    test("gets nothing that comes after the terminal event", async () => {
      const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
      const early = readAll(logs[end], streamId);
      await write(writer, [token("a"), stop, token("late"), stop], [token("later")], [cancelled]);
      const ended = numbered([token("a"), stop]);
      expect(await early).toEqual(ended);
      expect(await readAll(logs[end], streamId)).toEqual(ended);
    });

    test("gets no queue positions from before it joined", async () => {
      const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
      const first = await follow(logs[end], streamId);
      await write(writer, [queued(1)]);
      expect(await take(first, 1)).toEqual(numbered([queued(1)]));
      await write(writer, [queued(0), token("a")]);
      expect(await take(first, 2)).toEqual(numbered([queued(0), token("a")]));
      const reading = readAll(logs[end], streamId);
      await write(writer, [token("b")], [stop]);
      expect(await reading).toEqual(numbered([token("a"), token("b"), stop]));
    });
  });

  test.each(ends)(
    "a reader %s that comes while the stream waits gets its position",
    async (end) => {
      const { streamId, writer, ...logs } = await openStream(await openLogs(makeLogs));
      const first = await follow(logs[end], streamId);
      await write(writer, [queued(2)]);
      expect(await take(first, 1)).toEqual(numbered([queued(2)]));
      const late = await follow(logs[end], streamId);
      expect(await take(late, 1)).toEqual(numbered([queued(2)]));
      const reading = take(late);
      await write(writer, [queued(0)], [token("a"), stop]);
      expect((await reading).filter(({ id }) => id !== undefined)).toEqual(
        numbered([token("a"), stop]),
      );
    },
  );

  test("an append without events neither ends the stream nor wakes a reader", async () => {
    const { streamId, writer, here, there } = await openStream(await openLogs(makeLogs));
    const reading = [readAll(here, streamId), readAll(there, streamId)];
    await write(writer, [], [token("a")], [], [stop]);
    const ended = numbered([token("a"), stop]);
    expect(await Promise.all(reading)).toEqual([ended, ended]);
  });
}
