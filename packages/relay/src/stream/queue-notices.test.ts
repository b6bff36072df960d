import type { StreamEvent } from "@gatestream/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DirectLog } from "../log/direct-log.ts";
import { createQueueNotices, type QueueNotices } from "./queue-notices.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const queued = (position: number): StreamEvent => ({ type: "queued", position });

/** Notices in a log whose reader accepts data as long as `reader.hasRoom` is true. */
function noticesUnderTest() {
  const seen: StreamEvent[] = [];
  const reader = { hasRoom: true };
  const writer = new DirectLog({ onRoom: () => notices.onRoom() });
  const notices: QueueNotices = createQueueNotices(writer);
  writer.follow({
    write({ events }) {
      seen.push(...events);
      return reader.hasRoom;
    },
    end() {},
  });
  writer.resume();
  return { ...notices, writer, reader, seen };
}

test("no position is written before there is a reader, which then gets the present one", () => {
  const { update, open, seen } = noticesUnderTest();
  update(3);
  update(2);
  expect(seen).toEqual([]);
  open();
  expect(seen).toEqual([queued(2)]);
});

test("a reader gets no position where the stream never waited, or waits no more", () => {
  const early = noticesUnderTest();
  early.open();
  early.update(0);
  const late = noticesUnderTest();
  late.update(1);
  late.update(0);
  late.open();
  expect([early.seen, late.seen]).toEqual([[], []]);
});

test("a waiter is notified at most once a second, of its latest position", () => {
  const { update, open, seen } = noticesUnderTest();
  open();
  update(9);
  for (const position of [8, 7, 6]) update(position);
  vi.advanceTimersByTime(999);
  update(5);
  expect(seen).toEqual([queued(9)]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual([queued(9), queued(5)]);
  // A second without a change is followed by no notice, and by no wait for the next one.
  vi.advanceTimersByTime(1_000);
  update(4);
  expect(seen).toEqual([queued(9), queued(5), queued(4)]);
});

test("position 0 does not wait for the second to end", () => {
  const { update, open, seen } = noticesUnderTest();
  open();
  update(2);
  update(1);
  update(0);
  expect(seen).toEqual([queued(2), queued(0)]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a reader that is behind gets the latest position", () => {
  const { update, open, writer, reader, seen } = noticesUnderTest();
  open();
  reader.hasRoom = false;
  for (let position = 1_000; position >= 1; position -= 1) {
    update(position);
    vi.advanceTimersByTime(1_000);
  }
  expect(seen).toEqual([queued(1_000)]);
  reader.hasRoom = true;
  writer.resume();
  expect(seen).toEqual([queued(1_000), queued(1)]);
});

test("position 0 is written at once, or not at all to a log that is full", () => {
  const { update, open, writer, reader, seen } = noticesUnderTest();
  open();
  reader.hasRoom = false;
  update(1);
  vi.advanceTimersByTime(1_000);
  update(0);
  reader.hasRoom = true;
  writer.resume();
  expect(seen).toEqual([queued(1)]);
});

test("a stream that is over leaves no timer", () => {
  const { update, open, close } = noticesUnderTest();
  open();
  update(2);
  close();
  expect(vi.getTimerCount()).toBe(0);
});

test("a log that throws is left to the answer's own events", () => {
  const notices = createQueueNotices({
    append() {
      throw new Error("the disk is full");
    },
  });
  notices.open();
  expect(() => notices.update(2)).not.toThrow();
  notices.close();
});
