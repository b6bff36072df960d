import type { StreamEvent } from "@gatestream/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDirectLog } from "./direct/direct-log.ts";
import { createQueueNotices } from "./queue-notices.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const queued = (position: number): StreamEvent => ({ type: "queued", position });
const stop: StreamEvent = { type: "stop", reason: "stop" };

/** Notices in a log that holds back its writer, and the reader's side of it. */
async function noticesUnderTest() {
  const log = createDirectLog();
  const writer = await log.create("stream-1", { subject: "ada" });
  const { signal } = new AbortController();
  const events = await log.follow("stream-1", { after: 0, signal });
  const batches = events?.[Symbol.asyncIterator]();
  return {
    ...createQueueNotices(writer),
    writer,
    async read(): Promise<readonly StreamEvent[]> {
      const batch = await batches?.next();
      // Whoever waits for room hears of it in a turn of its own.
      await new Promise(setImmediate);
      return batch?.done ? [] : (batch?.value.events ?? []);
    },
  };
}

test("nobody hears of a place before there is a reader, who then hears the present one", async () => {
  const notices = await noticesUnderTest();
  notices.update(3);
  notices.update(2);
  notices.open();
  expect(await notices.read()).toEqual([queued(2)]);
});

test("who never had to wait hears nothing, nor does one whose turn has come", async () => {
  const notices = await noticesUnderTest();
  notices.open();
  notices.update(0);
  notices.writer.append([stop]);
  expect(await notices.read()).toEqual([stop]);
  const late = await noticesUnderTest();
  late.update(1);
  late.update(0);
  late.open();
  late.writer.append([stop]);
  expect(await late.read()).toEqual([stop]);
});

test("a waiter is notified at most once a second, of its latest position", async () => {
  const notices = await noticesUnderTest();
  notices.open();
  notices.update(9);
  expect(await notices.read()).toEqual([queued(9)]);
  for (const position of [8, 7, 6]) notices.update(position);
  vi.advanceTimersByTime(999);
  notices.update(5);
  const next = notices.read();
  vi.advanceTimersByTime(1);
  expect(await next).toEqual([queued(5)]);
  // A second without a change is followed by no notice, and by no wait for the next one.
  vi.advanceTimersByTime(1_000);
  notices.update(4);
  expect(await notices.read()).toEqual([queued(4)]);
});

test("position 0 does not wait for the second to end", async () => {
  const notices = await noticesUnderTest();
  notices.open();
  notices.update(2);
  expect(await notices.read()).toEqual([queued(2)]);
  notices.update(1);
  notices.update(0);
  expect(await notices.read()).toEqual([queued(0)]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a reader that is behind gets the latest position", async () => {
  const notices = await noticesUnderTest();
  notices.open();
  for (let position = 1000; position >= 2; position -= 1) {
    notices.update(position);
    vi.advanceTimersByTime(1_000);
  }
  notices.update(1);
  expect(await notices.read()).toEqual([queued(1000), queued(999)]);
  vi.advanceTimersByTime(1_000);
  expect(await notices.read()).toEqual([queued(1)]);
});

test("position 0 is written at once, or not at all to a log that is full", async () => {
  const behind = await noticesUnderTest();
  behind.open();
  behind.update(2);
  vi.advanceTimersByTime(1_000);
  for (const position of [1, 0]) behind.update(position);
  expect(await behind.read()).toEqual([queued(2), queued(1)]);
  behind.writer.append([stop]);
  expect(await behind.read()).toEqual([stop]);
});

test("a stream that is over leaves no timer", async () => {
  const notices = await noticesUnderTest();
  notices.open();
  notices.update(2);
  notices.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("a log that throws is left to the pump", () => {
  const notices = createQueueNotices({
    isResumable: false,
    closed: new AbortController().signal,
    append() {
      throw new Error("the disk is full");
    },
  });
  notices.open();
  expect(() => notices.update(2)).not.toThrow();
  notices.close();
});
