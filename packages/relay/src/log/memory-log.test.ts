import { beforeEach, describe, expect, test, vi } from "vitest";
import { RelayError } from "../errors.ts";
import {
  cancelled,
  follow,
  idsOf,
  listenerOf,
  stop,
  take,
  token,
  write,
} from "./contract/logs-under-test.ts";
import type { ResumableLog } from "./event-log.ts";
import { createMemoryLog } from "./memory-log.ts";

const settings = { maxLogBytes: 1_000_000, maxTotalLogBytes: 10_000_000, retainClosedMs: 1_000 };
/** So much that what a stream costs without it does not matter. */
const big = token("x".repeat(90_000));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  return () => void vi.useRealTimers();
});

async function openStream(log: ResumableLog, streamId: string, closing?: AbortController) {
  return log.create(streamId, { subject: "ada" }, listenerOf(closing));
}

/** A stream that has ended, of about a hundred thousand bytes. */
async function endedStream(log: ResumableLog, streamId: string): Promise<void> {
  const writer = await openStream(log, streamId);
  await write(writer, [big], [stop]);
}

async function keptOf(log: ResumableLog, streamIds: readonly string[]): Promise<string[]> {
  const found = await Promise.all(streamIds.map((id) => log.find(id)));
  return streamIds.filter((_, index) => found[index] !== undefined);
}

test("it says what it is", async () => {
  const log = createMemoryLog(settings);
  expect(log).toMatchObject({ isReady: true, isShared: false });
  expect(await openStream(log, "s-1")).toMatchObject({ isResumable: true });
});

describe("time", () => {
  test("a stream is kept to the last moment after its end, and not longer", async () => {
    const log = createMemoryLog(settings);
    await endedStream(log, "s-1");
    vi.advanceTimersByTime(400);
    await endedStream(log, "s-2");
    vi.advanceTimersByTime(599);
    await take(await follow(log, "s-1"));
    expect(await keptOf(log, ["s-1", "s-2"])).toEqual(["s-1", "s-2"]);
    vi.advanceTimersByTime(1);
    expect(await keptOf(log, ["s-1", "s-2"])).toEqual(["s-2"]);
    vi.advanceTimersByTime(400);
    expect(await keptOf(log, ["s-1", "s-2"])).toEqual([]);
  });

  test("one timer for all of them, and none while nothing is to be forgotten", async () => {
    const log = createMemoryLog(settings);
    const running = await openStream(log, "running");
    await write(running, [token("a")]);
    expect(vi.getTimerCount()).toBe(0);
    for (let count = 0; count < 10; count += 1) {
      await endedStream(log, `s-${count}`);
      vi.advanceTimersByTime(10);
      expect(vi.getTimerCount()).toBe(1);
    }
    vi.advanceTimersByTime(990);
    expect(vi.getTimerCount()).toBe(0);
    await write(running, [stop]);
    expect(vi.getTimerCount()).toBe(1);
    await log.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a timer that comes too early forgets nothing too early", async () => {
    let time = 0;
    const log = createMemoryLog(settings, () => time);
    await endedStream(log, "s-1");
    time = 999.5;
    vi.advanceTimersByTime(1_000);
    expect(await keptOf(log, ["s-1"])).toEqual(["s-1"]);
    time = 1_000;
    vi.advanceTimersByTime(1);
    expect(await keptOf(log, ["s-1"])).toEqual([]);
  });

  test("a claim whose stream never begins lapses; one whose stream begins does not", async () => {
    const log = createMemoryLog(settings);
    await log.claim("key-1", "s-1");
    await log.claim("key-2", "s-2");
    await openStream(log, "s-2");
    vi.advanceTimersByTime(999);
    // Asking for it renews nothing.
    expect(await log.claim("key-1", "s-3")).toBe("s-1");
    vi.advanceTimersByTime(1);
    expect(await log.claim("key-1", "s-3")).toBe("s-3");
    expect(await log.claim("key-2", "s-3")).toBe("s-2");
  });
});

describe("capacity", () => {
  const names = ["s-1", "s-2", "s-3", "s-4"];

  test("when all streams are too much, those that ended first go first", async () => {
    const log = createMemoryLog({ ...settings, maxTotalLogBytes: 350_000 });
    const running = await openStream(log, "running");
    await write(running, [big]);
    await endedStream(log, "s-2");
    await endedStream(log, "s-1");
    expect(await keptOf(log, names)).toEqual(["s-1", "s-2"]);
    await endedStream(log, "s-3");
    expect(await keptOf(log, names)).toEqual(["s-1", "s-3"]);
    await write(running, [big], [big]);
    expect(await keptOf(log, names)).toEqual([]);
    expect(await log.find("running")).toMatchObject({ lastId: 3 });
  });

  test("capacity of dropped streams, by age or by size, is available to others", async () => {
    const log = createMemoryLog({
      maxLogBytes: 150_000,
      maxTotalLogBytes: 450_000,
      retainClosedMs: 1,
    });
    const running = await openStream(log, "running");
    for (let count = 0; count < 100; count += 1) {
      await write(running, [big]);
      await endedStream(log, `old-${count}`);
      vi.advanceTimersByTime(1);
    }
    for (const name of names.slice(0, 3)) await endedStream(log, name);
    expect(await keptOf(log, names)).toEqual(["s-1", "s-2", "s-3"]);
  });

  test("no stream begins while running ones alone are too much", async () => {
    const log = createMemoryLog({ ...settings, maxTotalLogBytes: 150_000 });
    const running = await openStream(log, "running");
    await write(running, [big], [big]);
    await log.claim("key", "s-1");
    const refusal = await openStream(log, "s-1").catch((failure: unknown) => failure);
    expect(refusal).toBeInstanceOf(RelayError);
    expect(refusal).toMatchObject({ code: "overloaded", status: 503, retryAfterMs: 1_000 });
    expect(await log.find("s-1")).toBeUndefined();
    // Who tries again with the same key is not sent to a stream that never began.
    expect(await log.claim("key", "s-2")).toBe("s-2");
    await write(running, [stop]);
    await openStream(log, "s-2");
    expect(await keptOf(log, ["running", ...names])).toEqual(["s-2"]);
  });

  test("a claim whose stream is about to begin takes no capacity, and is not dropped", async () => {
    const log = createMemoryLog({ ...settings, maxTotalLogBytes: 150_000 });
    await log.claim("key", "s-3");
    await endedStream(log, "s-1");
    await endedStream(log, "s-2");
    expect(await keptOf(log, names)).toEqual(["s-2"]);
    expect(await log.claim("key", "s-4")).toBe("s-3");
  });

  test("streams without an answer take capacity too", async () => {
    const log = createMemoryLog({ ...settings, maxTotalLogBytes: 100_000 });
    const ids = Array.from({ length: 100 }, (_, index) => `s-${index}`);
    for (const id of ids) await write(await openStream(log, id), [stop]);
    const kept = await keptOf(log, ids);
    expect(kept).toEqual(ids.slice(-kept.length));
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(50);
  });

  test("of one caller no more ended streams are kept than maxKeptStreamsPerSubject", async () => {
    const log = createMemoryLog({ ...settings, maxKeptStreamsPerSubject: 2 });
    for (const [id, caller] of [
      ["s-1", "ada"],
      ["s-2", "ada"],
      ["s-4", "eve"],
      ["s-3", "ada"],
    ]) {
      // Anonymous callers are distinguished by address alone.
      const facts = { subject: "", caller: caller ?? "" };
      await write(await log.create(id ?? "", facts, listenerOf()), [stop]);
    }
    expect(await keptOf(log, names)).toEqual(["s-2", "s-3", "s-4"]);
  });

  test("a discarded stream is forgotten at once, unless it has a reader", async () => {
    const log = createMemoryLog(settings);
    const [unread, followed] = [await openStream(log, "s-1"), await openStream(log, "s-2")];
    const reader = await follow(log, "s-2");
    unread.discard?.(cancelled);
    followed.discard?.(cancelled);
    expect(await keptOf(log, names)).toEqual(["s-2"]);
    expect(idsOf(await take(reader))).toEqual([1]);
    expect(vi.getTimerCount()).toBe(1);
  });

  test("the key of a stream that had to go is free", async () => {
    const log = createMemoryLog({ ...settings, maxTotalLogBytes: 150_000 });
    await endedStream(log, "s-1");
    expect(await log.claim("key", "s-1")).toBe("s-1");
    expect(await log.claim("other", "s-1")).toBe("s-1");
    await endedStream(log, "s-2");
    expect(await log.claim("key", "s-2")).toBe("s-2");
    expect(await log.claim("other", "s-2")).toBe("s-2");
  });

  test("a reader of a stream that had to go reads on to its end", async () => {
    const log = createMemoryLog({ ...settings, maxTotalLogBytes: 150_000 });
    await endedStream(log, "s-1");
    const reader = await follow(log, "s-1");
    await endedStream(log, "s-2");
    expect(await keptOf(log, names)).toEqual(["s-2"]);
    expect(idsOf(await take(reader))).toEqual([1, 2]);
  });
});

test("when it is closed writers get the reason, and nothing is kept or begun", async () => {
  const log = createMemoryLog(settings);
  const closing = new AbortController();
  const running = await openStream(log, "running", closing);
  await log.claim("key", "running");
  await log.close();
  expect(closing.signal.reason).toMatchObject({ code: "relay_draining" });
  await write(running, [token("late"), stop]);
  expect(await log.find("running")).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
  await expect(openStream(log, "s-1")).rejects.toMatchObject({ code: "relay_draining" });
  await expect(log.claim("key", "s-1")).rejects.toMatchObject({ code: "relay_draining" });
  expect(vi.getTimerCount()).toBe(0);
});
