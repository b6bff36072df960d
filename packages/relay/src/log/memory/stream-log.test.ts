import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { StreamEvent } from "@gatestream/protocol";
import { describe, expect, test } from "vitest";
import type { LogBatch } from "../event-log.ts";
import {
  idsOf,
  numbered,
  queued,
  staying,
  stop,
  take,
  token,
  warning,
} from "../contract/logs-under-test.ts";
import { StreamLog } from "./stream-log.ts";

const ample = { maxBytes: 1_048_576 };
/** As JSON in a batch of its own: 50 bytes. */
const fifty = token("123456789");
const gap = (from: number, to: number) => ({ id: undefined, event: { type: "gap", from, to } });

function read(log: StreamLog, after = 0): AsyncIterator<LogBatch> {
  return log.follow({ after, signal: staying() });
}

/** What is in use when all garbage is gone. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  return process.memoryUsage().heapUsed;
}

/** How many appends each batch holds, when all are of one event. */
async function sizesOf(batches: AsyncIterator<LogBatch>): Promise<number[]> {
  const sizes: number[] = [];
  for (;;) {
    const next = await batches.next();
    if (next.done) return sizes;
    sizes.push(next.value.events.length);
  }
}

describe("ids", () => {
  test("they are known at once, and notices have none", () => {
    const log = new StreamLog(ample);
    expect(log).toMatchObject({ lastId: 0, isClosed: false, bytes: 0 });
    log.append([token("a"), warning, token("b")]);
    expect(log).toMatchObject({ lastId: 2, isClosed: false });
    log.append([stop, token("late")]);
    expect(log).toMatchObject({ lastId: 3, isClosed: true });
  });
});

describe("a mirror", () => {
  test("of a log whose beginning was trimmed tells what is missing", async () => {
    const log = new StreamLog(ample);
    const early = read(log);
    log.appendFrom(5, [token("e"), token("f")]);
    log.append([stop]);
    const rest = numbered([token("e"), token("f"), stop], 5);
    expect(await take(early)).toEqual([gap(1, 4), ...rest]);
    expect(await take(read(log))).toEqual([gap(1, 4), ...rest]);
    expect(await take(read(log, 3))).toEqual([gap(4, 4), ...rest]);
    expect(await take(read(log, 4))).toEqual(rest);
    expect(await take(read(log, 5))).toEqual(rest.slice(1));
    expect(log.lastId).toBe(7);
  });

  test("that misses something in the middle tells it where it is missing", async () => {
    const log = new StreamLog(ample);
    log.append([token("a")]);
    log.appendFrom(2, [token("b")]);
    log.appendFrom(6, [token("f")]);
    log.appendFrom(7, [stop]);
    const start = numbered([token("a"), token("b")]);
    const end = numbered([token("f"), stop], 6);
    expect(await take(read(log))).toEqual([...start, gap(3, 5), ...end]);
    expect(await take(read(log, 4))).toEqual([gap(5, 5), ...end]);
  });

  test("that is given again what it has takes only what is new", async () => {
    const log = new StreamLog(ample);
    log.append([token("a"), token("b")]);
    log.appendFrom(1, [token("a")]);
    log.appendFrom(2, [token("b"), warning, token("c")]);
    log.append([stop]);
    expect(await take(read(log))).toEqual(
      numbered([token("a"), token("b"), warning, token("c"), stop]),
    );
  });
});

describe("what is kept", () => {
  test("it is measured as JSON in UTF-8, or as it is told", () => {
    const log = new StreamLog(ample);
    const events = [token("é\n"), warning];
    log.append(events);
    expect(log.bytes).toBe(Buffer.byteLength(JSON.stringify(events)));
    log.append([token("b")], 1_000);
    expect(log.bytes).toBe(Buffer.byteLength(JSON.stringify(events)) + 1_000);
  });

  test("the oldest batches go, whole, when there is more than the bound", async () => {
    const log = new StreamLog({ maxBytes: 250 });
    for (let count = 1; count <= 5; count += 1) log.append([fifty]);
    expect(log.bytes).toBe(250);
    expect(idsOf(await take(read(log), 5))).toEqual([1, 2, 3, 4, 5]);
    log.append([fifty]);
    expect(log.bytes).toBe(250);
    expect(await take(read(log), 6)).toEqual([
      gap(1, 1),
      ...numbered([fifty, fifty, fifty, fifty, fifty], 2),
    ]);
  });

  test("a notice that is gone is no gap", async () => {
    const log = new StreamLog({ maxBytes: 60 });
    log.append([warning]);
    log.append([fifty]);
    expect(await take(read(log), 1)).toEqual(numbered([fifty]));
  });

  test("places in the queue that follow one another take the room of one", async () => {
    const log = new StreamLog(ample);
    const [idle, keen] = [read(log), read(log)];
    const places: StreamEvent[] = [];
    for (let position = 1_000; position >= 0; position -= 1) {
      log.append([queued(position)]);
      const next = await keen.next();
      if (!next.done) places.push(...next.value.events);
      expect(log.bytes).toBeLessThan(100);
    }
    expect(places).toHaveLength(1_001);
    expect(places.at(-1)).toEqual(queued(0));
    log.append([token("a"), stop]);
    const rest = numbered([token("a"), stop]);
    expect(await take(keen)).toEqual(rest);
    expect(await take(idle)).toEqual([...numbered([queued(0)]), ...rest]);
  });

  test("who comes between two places in the queue hears the second", async () => {
    const log = new StreamLog(ample);
    log.append([queued(2)]);
    const reader = read(log);
    log.append([queued(1)]);
    expect(await take(reader, 1)).toEqual(numbered([queued(1)]));
  });

  test("what is no longer kept takes no memory, whoever has not read it", () => {
    const log = new StreamLog({ maxBytes: 10_000 });
    const idle = read(log);
    const keptBytes = heapBytes();
    // 20 MB: a text from a buffer shares nothing with another.
    for (let index = 0; index < 20_000; index += 1) {
      log.append([token(Buffer.alloc(1_000, index).toString("latin1"))], 1_050);
    }
    expect(heapBytes() - keptBytes).toBeLessThan(2_000_000);
    expect(log.bytes).toBeLessThanOrEqual(10_000);
    expect(idle).toBeDefined();
  });
});

describe("a reader", () => {
  test("that keeps up gets each append by itself, and nothing is copied", async () => {
    const log = new StreamLog(ample);
    const reader = read(log);
    for (const events of [[token("a")], [token("b"), warning]]) {
      log.append(events);
      const { value } = await reader.next();
      expect((value as LogBatch).events).toBe(events);
    }
  });

  test("that is behind gets many small appends in some bigger batches", async () => {
    const log = new StreamLog({ maxBytes: 4_000_000 });
    for (let count = 1; count < 20_000; count += 1) log.append([fifty]);
    log.append([stop]);
    const sizes = await sizesOf(read(log));
    expect(sizes.length).toBeGreaterThan(10);
    expect(sizes.length).toBeLessThan(20);
    expect(Math.max(...sizes) * 50).toBeLessThanOrEqual(65_536);
    expect(sizes.reduce((one, other) => one + other)).toBe(20_000);
  });

  test("gets one append as it is, however big", async () => {
    const log = new StreamLog(ample);
    const big = Array.from({ length: 5_000 }, () => fifty);
    log.append([fifty]);
    log.append(big);
    log.append([stop]);
    expect(await sizesOf(read(log))).toEqual([1, 5_000, 1]);
  });

  test("that asks ahead is answered in order", async () => {
    const log = new StreamLog(ample);
    const reader = read(log);
    const asked = [reader.next(), reader.next(), reader.next(), reader.next()];
    log.append([token("a")]);
    log.append([token("b")]);
    await setImmediate();
    log.append([stop]);
    const events = [token("a"), token("b"), stop];
    expect(await Promise.all(asked)).toEqual([
      ...events.map((event, index) => ({
        done: false,
        value: { firstId: index + 1, events: [event] },
      })),
      { done: true, value: undefined },
    ]);
  });

  test("whom the log lets go hears no end, and what it had not read is lost", async () => {
    const log = new StreamLog(ample);
    const [behind, waits] = [read(log), read(log)];
    log.append([token("a")]);
    await take(waits, 1);
    const end = waits.next();
    log.endFollowers();
    expect(await end).toEqual({ done: true, value: undefined });
    expect(await take(behind)).toEqual([]);
    expect(log.readers).toBe(0);
  });
});

test("how many read is told each time that it changes", async () => {
  const counts: number[] = [];
  const log = new StreamLog({ ...ample, onReaders: (count) => counts.push(count) });
  const leaving = new AbortController();
  log.follow({ after: 0, signal: leaving.signal });
  const loops = read(log);
  const stays = read(log);
  expect(counts.splice(0)).toEqual([1, 2, 3]);
  expect(log.readers).toBe(3);
  leaving.abort();
  await loops.return?.();
  await loops.return?.();
  expect(counts.splice(0)).toEqual([2, 1]);
  log.append([stop]);
  expect(counts).toEqual([]);
  await take(stays);
  expect(counts).toEqual([0]);
  log.follow({ after: 0, signal: leaving.signal });
  expect(log.readers).toBe(0);
});

test("a thousand readers of one stream each get everything, and are gone at its end", async () => {
  const log = new StreamLog(ample);
  const readings = Array.from({ length: 1_000 }, () => take(read(log)));
  const contents = Array.from({ length: 30 }, (_, index) => token(String(index)));
  for (const one of contents) {
    log.append([one]);
    await setImmediate();
  }
  log.append([stop]);
  const whole = numbered([...contents, stop]);
  for (const reading of readings) expect(await reading).toEqual(whole);
  expect(log.readers).toBe(0);
});
