import { setImmediate } from "node:timers/promises";
import { isTerminal, type StreamEvent } from "@gatestream/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  after,
  type ConnectedLogs,
  type End,
  ends,
  follow,
  idsOf,
  type MakeLogs,
  numbered,
  openLogs,
  openStream,
  queued,
  type ReadEvent,
  stop,
  take,
  token,
  warning,
  write,
} from "./logs-under-test.ts";

/** One time that a reader is there. */
interface Visit {
  readonly end: End;
  /** How many events it reads at least before it leaves. */
  readonly eventCount: number;
  /** By its signal, or by leaving the loop. */
  readonly leavesBySignal: boolean;
  /** Whether it takes what comes as it comes. */
  readonly isEager: boolean;
  /** How many of the events that it has it asks for again the next time. */
  readonly again: number;
  /** How many turns of the event loop it stays away. */
  readonly turnsAway: number;
}

const visit: fc.Arbitrary<Visit> = fc.record({
  end: fc.constantFrom(...ends),
  eventCount: fc.nat(6),
  leavesBySignal: fc.boolean(),
  isEager: fc.boolean(),
  again: fc.nat(3),
  turnsAway: fc.nat(4),
});

const batch = fc.record({
  events: fc.array(fc.constantFrom(token("a"), token("é"), warning, queued(1)), { maxLength: 4 }),
  turnsLater: fc.nat(2),
});

/** Queue positions go to connected readers only: they are not replayed. */
const isKept = ({ type }: StreamEvent): boolean => type !== "queued";

/** All visits of one reader, then one to the end: what it got each time is what was due. */
async function comeAndGo(
  logs: ConnectedLogs,
  streamId: string,
  { visits, whole }: { visits: readonly Visit[]; whole: readonly ReadEvent[] },
): Promise<void> {
  let cursor = 0;
  const last = { end: "there", eventCount: Infinity, again: 0, isEager: true } as const;
  for (const each of [...visits, { ...last, leavesBySignal: false, turnsAway: 0 }]) {
    for (let turn = 0; turn < each.turnsAway; turn += 1) await setImmediate();
    const leaving = new AbortController();
    const { signal } = leaving;
    const reader = await follow(logs[each.end], streamId, {
      after: cursor,
      signal,
      isEager: each.isEager,
    });
    const read = await take(reader, each.eventCount);
    if (each.leavesBySignal) leaving.abort();
    else await reader.return?.();
    const due = after(cursor, whole);
    const got = read.filter(({ event }) => isKept(event));
    expect(got).toEqual(due.slice(0, got.length));
    if (each.eventCount === Infinity) expect(got).toEqual(due);
    cursor = Math.max(0, (idsOf(read).at(-1) ?? cursor) - each.again);
  }
}

export function testComingBack(makeLogs: MakeLogs): void {
  test("readers join, leave and resume at any event: no duplicate, no gap, one end", async () => {
    const logs = await openLogs(makeLogs);
    const scene = fc.record({
      batches: fc.array(batch, { maxLength: 12 }),
      readers: fc.array(fc.array(visit, { maxLength: 4 }), { minLength: 1, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(scene, async ({ batches, readers }) => {
        const { streamId, writer } = await openStream(logs);
        const all = [...batches.flatMap(({ events }) => events), stop];
        const whole = numbered(all.filter(isKept));
        const reading = readers.map((visits) => comeAndGo(logs, streamId, { visits, whole }));
        for (const { events, turnsLater } of batches) {
          for (let turn = 0; turn < turnsLater; turn += 1) await setImmediate();
          await write(writer, events);
        }
        await write(writer, [stop]);
        await Promise.all(reading);
      }),
      { numRuns: 60 },
    );
  });

  test("a reader that joins while a stream is ended from both sides gets one end, the same for all", async () => {
    const logs = await openLogs(makeLogs);
    for (let round = 0; round < 20; round += 1) {
      const { streamId, writer } = await openStream(logs);
      const readings: Promise<readonly ReadEvent[]>[] = [];
      const join = async (end: End) => take(await follow(logs[end], streamId));
      const joinBoth = (): void => void readings.push(...ends.map(join));
      joinBoth();
      const ending = [write(writer, [token("a")], [stop]), logs.there.cancel(streamId)];
      joinBoth();
      await Promise.all(ending);
      joinBoth();
      const [first, ...others] = await Promise.all(readings);
      for (const other of others) expect(other).toEqual(first);
      const terminals = first?.filter(({ event }) => isTerminal(event));
      expect(terminals).toEqual(first?.slice(-1));
    }
  });
}
