import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createQuietTimer } from "./quiet-timer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("one, five and fifteen seconds of silence are told, and that it is over", () => {
  const stages: number[] = [];
  const quiet = createQuietTimer((stage) => stages.push(stage));
  quiet.restart();
  vi.advanceTimersByTime(999);
  expect(stages).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(stages).toEqual([1]);
  vi.advanceTimersByTime(4000);
  vi.advanceTimersByTime(10_000);
  expect(stages).toEqual([1, 2, 3]);
  expect(vi.getTimerCount()).toBe(0);
  quiet.restart();
  expect(stages).toEqual([1, 2, 3, 0]);
  vi.advanceTimersByTime(1000);
  quiet.stop();
  expect(stages).toEqual([1, 2, 3, 0, 1, 0]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a thousand tokens begin no more than one timer a second", () => {
  const stages: number[] = [];
  const quiet = createQuietTimer((stage) => stages.push(stage));
  const begun = vi.spyOn(globalThis, "setTimeout");
  for (let token = 0; token < 1000; token += 1) {
    quiet.restart();
    vi.advanceTimersByTime(10);
  }
  expect(begun.mock.calls.length).toBeLessThanOrEqual(11);
  expect(stages).toEqual([]);
  quiet.stop();
});
