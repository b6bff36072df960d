import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { StreamEvent } from "@gatestream/protocol";
import { describe, expect, test } from "vitest";
import {
  batchesOf,
  idsOf,
  numbered,
  queued,
  stop,
  take,
  token,
  warning,
} from "./contract/logs-under-test.ts";
import { KeptStream } from "./kept-stream.ts";
import { LogBatch } from "./log-batch.ts";

const ample = { maxBytes: 1_048_576 };
const short = token("123456789");
/** Of one such event with an id of one digit, as Server-Sent Events. */
const shortBytes = new LogBatch(1, [short]).frames.length;
const gap = (from: number, to: number) => ({ id: undefined, event: { type: "gap", from, to } });

function read(log: KeptStream, after = 0): AsyncIterator<LogBatch, undefined> {
  return batchesOf((reader) => log.follow(after, reader));
}

/** What is in use when all garbage is gone. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  return process.memoryUsage().heapUsed;
}

/** How many appends each batch holds, when all are of one event. */
async function sizesOf(batches: AsyncIterator<LogBatch, undefined>): Promise<number[]> {
  const sizes: number[] = [];
  for (;;) {
    const next = await batches.next();
    if (next.done) return sizes;
    sizes.push(next.value.events.length);
  }
}

describe("ids", () => {
  test("they are known at once, and notices have none", () => {
    const log = new KeptStream(ample);
    expect(log).toMatchObject({ lastId: 0, isClosed: false, bytes: 0 });
    log.append([token("a"), warning, token("b")]);
    expect(log).toMatchObject({ lastId: 2, isClosed: false });
    log.append([stop, token("late")]);
    expect(log).toMatchObject({ lastId: 3, isClosed: true });
  });
});

describe("a mirror", () => {
  test("of a log whose beginning was trimmed gets a gap", async () => {
    const log = new KeptStream(ample);
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

  test("that misses events in the middle gets the gap at their position", async () => {
    const log = new KeptStream(ample);
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
    const log = new KeptStream(ample);
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
  test("it is measured as Server-Sent Events in UTF-8", () => {
    const log = new KeptStream(ample);
    const events = [token("é\n"), warning];
    log.append(events);
    expect(log.bytes).toBe(Buffer.byteLength(new LogBatch(1, events).frames));
  });

  test("an event that JSON cannot hold is refused, and nothing of its batch is kept", async () => {
    const log = new KeptStream(ample);
    const reader = read(log);
    expect(() => log.append([token("a"), { type: "x", content: "", index: 1, big: 1n }])).toThrow();
    log.append([stop]);
    expect(await take(reader)).toEqual(numbered([stop]));
  });

  test("the oldest batches go, whole, when there is more than the bound", async () => {
    const log = new KeptStream({ maxBytes: 5 * shortBytes });
    for (let count = 1; count <= 5; count += 1) log.append([short]);
    expect(log.bytes).toBe(5 * shortBytes);
    expect(idsOf(await take(read(log), 5))).toEqual([1, 2, 3, 4, 5]);
    log.append([short]);
    expect(log.bytes).toBe(5 * shortBytes);
    expect(await take(read(log), 6)).toEqual([
      gap(1, 1),
      ...numbered([short, short, short, short, short], 2),
    ]);
  });

  test("a notice that is gone is no gap", async () => {
    const log = new KeptStream({ maxBytes: shortBytes + 10 });
    log.append([warning]);
    log.append([short]);
    expect(await take(read(log), 1)).toEqual(numbered([short]));
  });

  test("consecutive queue positions take the memory of one", async () => {
    const log = new KeptStream(ample);
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

  test("a reader that joins between two queue positions gets the second", async () => {
    const log = new KeptStream(ample);
    log.append([queued(2)]);
    const reader = read(log);
    log.append([queued(1)]);
    expect(await take(reader, 1)).toEqual(numbered([queued(1)]));
  });

  test("trimmed events take no memory, whether or not they were read", () => {
    const log = new KeptStream({ maxBytes: 10_000 });
    const idle = read(log);
    const keptBytes = heapBytes();
    // 20 MB: a text from a buffer shares nothing with another.
    for (let index = 0; index < 20_000; index += 1) {
      log.append([token(Buffer.alloc(1_000, index).toString("latin1"))]);
    }
    expect(heapBytes() - keptBytes).toBeLessThan(2_000_000);
    expect(log.bytes).toBeLessThanOrEqual(10_000);
    expect(idle).toBeDefined();
  });

  test("a reader who caught up leaves no second copy of the text behind", () => {
    const log = new KeptStream({ maxBytes: 20_000_000 });
    log.append([token(Buffer.alloc(10_000_000, "x").toString("latin1"))]);
    const keptBytes = heapBytes();
    const written: Buffer[] = [];
    log
      .follow(0, { write: ({ chunk }) => written.push(Buffer.from(chunk)) > 0, end() {} })
      .resume();
    expect(written.pop()?.length).toBeGreaterThan(10_000_000);
    expect(heapBytes() - keptBytes).toBeLessThan(2_000_000);
  });
});

describe("a reader", () => {
  test("that is not paused is pushed each append at once, the same batch as all others", () => {
    const log = new KeptStream(ample);
    const seen: LogBatch[][] = [[], []];
    for (const batches of seen) {
      log.follow(0, { write: (batch) => batches.push(batch) > 0, end() {} }).resume();
    }
    log.append([token("a")]);
    log.append([token("b"), warning]);
    const [first = [], second = []] = seen;
    expect(first.map(({ firstId, lastId }) => [firstId, lastId])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    for (const [index, batch] of first.entries()) expect(second[index]).toBe(batch);
  });

  test("that fails is ended, and the others go on", async () => {
    const log = new KeptStream(ample);
    const failure = new Error("It cannot be written.");
    const ends: unknown[] = [];
    const write = (): boolean => {
      throw failure;
    };
    log.follow(0, { write, end: (reason) => ends.push(reason) }).resume();
    const other = read(log);
    log.append([token("a"), stop]);
    expect(ends).toEqual([failure]);
    expect(await take(other)).toEqual(numbered([token("a"), stop]));
  });

  test("that is behind gets many small appends in some bigger batches", async () => {
    const log = new KeptStream({ maxBytes: 8_000_000 });
    for (let count = 1; count < 20_000; count += 1) log.append([short]);
    log.append([stop]);
    const sizes = await sizesOf(read(log));
    expect(sizes.length).toBeGreaterThan(10);
    expect(sizes.length).toBeLessThan(30);
    expect(Math.max(...sizes) * shortBytes).toBeLessThanOrEqual(65_536);
    expect(sizes.reduce((one, other) => one + other)).toBe(20_000);
  });

  test("gets one append as it is, however big", async () => {
    const log = new KeptStream(ample);
    const big = Array.from({ length: 5_000 }, () => short);
    log.append([short]);
    log.append(big);
    log.append([stop]);
    expect(await sizesOf(read(log))).toEqual([1, 5_000, 1]);
  });

  test("a disconnected reader gets no end, and loses what it had not read", async () => {
    const log = new KeptStream(ample);
    const [behind, waits] = [read(log), read(log)];
    log.append([token("a")]);
    await take(waits, 1);
    const end = waits.next();
    log.endReaders();
    expect(await end).toEqual({ done: true, value: undefined });
    expect(await take(behind)).toEqual([]);
    expect(log.readers).toBe(0);
  });
});

test("the number of readers is reported on each change", async () => {
  const counts: number[] = [];
  const log = new KeptStream({ ...ample, onReaders: (count) => counts.push(count) });
  const nobody = { write: () => true, end() {} };
  const following = log.follow(0, nobody);
  const loops = read(log);
  const stays = read(log);
  expect(counts.splice(0)).toEqual([1, 2, 3]);
  expect(log.readers).toBe(3);
  following.close();
  following.close();
  await loops.return?.();
  await loops.return?.();
  expect(counts.splice(0)).toEqual([2, 1]);
  log.append([stop]);
  expect(counts).toEqual([]);
  await take(stays);
  expect(counts).toEqual([0]);
  log.follow(0, nobody).resume();
  expect(log.readers).toBe(0);
});

test("content with line separators of Unicode is read again as it was, and adds no event", async () => {
  const log = new KeptStream(ample);
  const hostile = token('a\u2028data: {"type":"stop","reason":"x"}\u2029event: gap\u2028b');
  log.append([token("first"), hostile]);
  log.append([stop]);
  expect(await take(read(log, 1))).toEqual(numbered([hostile, stop], 2));
  expect(await take(read(log))).toEqual(numbered([token("first"), hostile, stop]));
});

test("a thousand readers of one stream each get everything, and are gone at its end", async () => {
  const log = new KeptStream(ample);
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
