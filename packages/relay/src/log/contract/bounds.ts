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
  staying,
  stop,
  take,
  token,
  write,
} from "./logs-under-test.ts";
import { eventually } from "../../../test/eventually.ts";

const maxLogBytes = 4_096;
/** Several times what is kept. */
const batches = Array.from({ length: 300 }, (_, index) => [token(`${index} ${"é".repeat(20)}`)]);
const whole = numbered([...batches.flat(), stop]);
const bytesOf = (events: readonly StreamEvent[]): number =>
  Buffer.byteLength(JSON.stringify(events));

/** The first event is a gap that begins after the cursor; then comes the rest without a hole. */
function expectGapThenRest(events: readonly ReadEvent[], cursor: number): void {
  const [first, ...rest] = events;
  const event = first?.event;
  if (event?.type !== "gap") expect.unreachable("the first event is a gap");
  const { from, to } = event as StreamEvent & { from: number; to: number };
  expect(first?.id).toBeUndefined();
  expect(from).toBe(cursor + 1);
  expect(to).toBeGreaterThanOrEqual(from);
  expect(rest).toEqual(whole.slice(to));
}

export function testBounds(makeLogs: MakeLogs): void {
  describe.each(ends)("a reader %s", (end) => {
    test("that comes too late for the oldest events is told which are missing", async () => {
      const logs = await openLogs(makeLogs, { maxLogBytes });
      const { streamId, writer } = await openStream(logs);
      await write(writer, ...batches, [stop]);
      const all = await readAll(logs[end], streamId);
      expectGapThenRest(all, 0);
      expectGapThenRest(await readAll(logs[end], streamId, 7), 7);
      const kept = all.slice(1).map(({ event }) => event);
      expect(bytesOf(kept)).toBeLessThanOrEqual(maxLogBytes);
      expect(bytesOf(kept)).toBeGreaterThan(maxLogBytes / 2);
      // The last event that is missing, and the first that is not.
      const [firstKept = 0] = idsOf(all);
      expectGapThenRest(await readAll(logs[end], streamId, firstKept - 2), firstKept - 2);
      const rest = await readAll(logs[end], streamId, firstKept - 1);
      expect(rest).toEqual(all.slice(1));
    });

    test("that falls behind in the middle is told which are missing", async () => {
      const logs = await openLogs(makeLogs, { maxLogBytes });
      const { streamId, writer } = await openStream(logs);
      const reader = await follow(logs[end], streamId);
      await write(writer, [token("first")]);
      const cursor = idsOf(await take(reader, 1)).at(-1) ?? 0;
      await write(writer, ...batches.slice(1), [stop]);
      await eventually(async () => {
        expect(await logs[end].find(streamId)).toMatchObject({ isClosed: true });
      });
      expectGapThenRest(await take(reader), cursor);
    });
  });

  test("one event that is bigger than the bound is kept until another comes", async () => {
    const { streamId, writer, here } = await openStream(await openLogs(makeLogs, { maxLogBytes }));
    const big = token("x".repeat(2 * maxLogBytes));
    await write(writer, [token("a")], [big]);
    const reader = await follow(here, streamId, { after: 1 });
    expect(await take(reader, 1)).toEqual(numbered([big], 2));
    await write(writer, [stop]);
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
      const again = await logs[end].follow(streamId, { after: 0, signal: staying() });
      for await (const _ of again ?? []) break;
      expect(again).toBeUndefined();
    });
    expect(await logs.here.find(streamId)).toBeUndefined();
    expect(await logs.there.find(streamId)).toBeUndefined();
    // One that runs is not, however long it takes.
    expect(await logs[end].find(running.streamId)).toMatchObject({ isClosed: false });
  });

  test.each(ends)("a reader %s reads to the end, though the stream is forgotten", async (end) => {
    const logs = await openLogs(makeLogs, { retainClosedMs: 100 });
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
