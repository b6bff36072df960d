import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createReaders } from "./readers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function readersUnderTest() {
  const onOrphaned = vi.fn<() => void>();
  return { readers: createReaders({ graceMs: 1_000, onOrphaned }), onOrphaned };
}

test("when the last reader has left onOrphaned is called after the grace, and again until a reader joins", () => {
  const { readers, onOrphaned } = readersUnderTest();
  readers.join()();
  vi.advanceTimersByTime(999);
  expect(onOrphaned).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onOrphaned).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(1_000);
  expect(onOrphaned).toHaveBeenCalledTimes(2);
  readers.close();
});

test("with a reader onOrphaned is not called, however long", () => {
  const { readers, onOrphaned } = readersUnderTest();
  const leave = readers.join();
  const leaveToo = readers.join();
  leave();
  leave();
  expect(readers.isEmpty).toBe(false);
  vi.advanceTimersByTime(10_000);
  expect(onOrphaned).not.toHaveBeenCalled();
  leaveToo();
  expect(readers.isEmpty).toBe(true);
  vi.advanceTimersByTime(999);
  expect(onOrphaned).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onOrphaned).toHaveBeenCalledOnce();
  readers.close();
});

test("a reader that returns within the grace was not missed", () => {
  const { readers, onOrphaned } = readersUnderTest();
  for (let visit = 0; visit < 5; visit += 1) {
    const leave = readers.join();
    leave();
    vi.advanceTimersByTime(999);
  }
  readers.join();
  vi.advanceTimersByTime(10_000);
  expect(onOrphaned).not.toHaveBeenCalled();
});

test("when the stream is over it does not wait for readers", () => {
  const { readers, onOrphaned } = readersUnderTest();
  const leave = readers.join();
  readers.close();
  leave();
  vi.advanceTimersByTime(10_000);
  expect(onOrphaned).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test("an readers without readers has no timer", () => {
  readersUnderTest();
  expect(vi.getTimerCount()).toBe(0);
});
