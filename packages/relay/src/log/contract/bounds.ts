import type { StreamEvent } from "@gatestream/protocol";
import { describe, expect, test } from "vitest";
import {
  ends,
  follow,
  idsOf,
  type MakeLogs,
  numbered,
  openLogs,
  openStream,
  readAll,
  type ReadEvent,
  stop,
  take,
  token,
  tryToFollow,
  write,
} from "./logs-under-test.ts";
import { eventually } from "@gatestream/testing/eventually";

const maxLogBytes = 4_096;
/** Several times what is kept. */
const batches = Array.from({ length: 300 }, (_, index) => [token(`${index} ${"é".repeat(20)}`)]);
const whole = numbered([...batches.flat(), stop]);
/** Of events alone: a log may count what it keeps around them. */
const bytesOf = (events: readonly StreamEvent[]): number =>
  Buffer.byteLength(JSON.stringify(events));

/**
 * After the cursor there is one gap in all that was written, and nothing else is missing. Returns the
 * last id that is.
 */
function expectOneGap(events: readonly ReadEvent[], cursor: number): number {
  const index = events.findIndex(({ event }) => event.type === "gap");
  const gap = events[index];
  if (gap?.event.type !== "gap") expect.unreachable("there is a gap");
  const { from, to } = gap.event as StreamEvent & { from: number; to: number };
  expect(gap.id).toBeUndefined();
  expect(from).toBe(cursor + index + 1);
  expect(to).toBeGreaterThanOrEqual(from);
  expect(events.slice(0, index)).toEqual(whole.slice(cursor, from - 1));
  expect(events.slice(index + 1)).toEqual(whole.slice(to));
  return to;
}

export function testBounds(makeLogs: MakeLogs): void {
  describe.each(ends)("a reader %s", (end) => {
    test("that comes too late for the oldest events gets a gap with the missing ids", async () => {
      const logs = await openLogs(makeLogs, { maxLogBytes });
      const { streamId, writer } = await openStream(logs);
      await write(writer, ...batches, [stop]);
      await eventually(async () => {
        expect(await logs[end].find(streamId)).toMatchObject({ isClosed: true });
      });
      const all = await readAll(logs[end], streamId);
      const lastMissing = expectOneGap(all, 0);
      const kept = all.flatMap(({ id, event }) => (id === undefined ? [] : [event]));
      expect(bytesOf(kept)).toBeLessThanOrEqual(maxLogBytes);
      expect(bytesOf(kept)).toBeGreaterThan(maxLogBytes / 2);
      // In the middle of what is missing, the last of it, and the first that is kept.
      for (const cursor of [7, lastMissing - 1]) {
        expectOneGap(await readAll(logs[end], streamId, cursor), cursor);
      }
      expect(await readAll(logs[end], streamId, lastMissing)).toEqual(whole.slice(lastMissing));
    });

    test("that falls behind in the middle gets a gap with the missing ids", async () => {
      const logs = await openLogs(makeLogs, { maxLogBytes });
      const { streamId, writer } = await openStream(logs);
      const reader = await follow(logs[end], streamId);
      await write(writer, [token("first")]);
      const cursor = idsOf(await take(reader, 1)).at(-1) ?? 0;
      await write(writer, ...batches.slice(1), [stop]);
      await eventually(async () => {
        expect(await logs[end].find(streamId)).toMatchObject({ isClosed: true });
      });
      expectOneGap(await take(reader), cursor);
    });
  });

  test("one event that is bigger than the bound is kept until another comes", async () => {
    const { streamId, writer, here } = await openStream(await openLogs(makeLogs, { maxLogBytes }));
    const big = token("x".repeat(2 * maxLogBytes));
    await write(writer, [token("a")], [big]);
    const reader = await follow(here, streamId, { after: 1 });
    expect(await take(reader, 1)).toEqual(numbered([big], 2));
    await write(writer, [stop]);
    await eventually(async () => {
      expect(await here.find(streamId)).toMatchObject({ isClosed: true });
    });
    expect(await readAll(here, streamId)).toMatchObject([
      { event: { type: "gap", from: 1, to: 2 } },
      { id: 3 },
    ]);
  });

  test.each(ends)("a stream that has ended is forgotten in time, though read %s", async (end) => {
    const logs = await openLogs(makeLogs, { retainClosedMs: 100 });
    const running = await openStream(logs);
    const { streamId, writer } = await openStream(logs);
    await write(writer, [token("a"), stop]);
    await eventually(async () => {
      const again = await tryToFollow(logs[end], streamId);
      await again?.return?.();
      expect(again).toBeUndefined();
    });
    expect(await logs.here.find(streamId)).toBeUndefined();
    expect(await logs.there.find(streamId)).toBeUndefined();
    // One that runs is not, however long it takes.
    expect(await logs[end].find(running.streamId)).toMatchObject({ isClosed: false });
  });

  test.each(ends)("a reader %s reads to the end, though the stream is forgotten", async (end) => {
    const logs = await openLogs(makeLogs, { retainClosedMs: 500 });
    const { streamId, writer } = await openStream(logs);
    const reader = await follow(logs[end], streamId);
    await write(writer, [token("a")]);
    await take(reader, 1);
    await write(writer, [token("b"), stop]);
    const rest = take(reader);
    await eventually(async () => expect(await logs[end].find(streamId)).toBeUndefined());
    expect(idsOf(await rest)).toEqual([2, 3]);
  });
}
