import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAudience } from "./audience.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function audienceUnderTest() {
  const onGone = vi.fn<() => void>();
  return { audience: createAudience({ graceMs: 1_000, onGone }), onGone };
}

test("when the last reader has left onGone is called after the grace, and again until a reader joins", () => {
  const { audience, onGone } = audienceUnderTest();
  audience.join()();
  vi.advanceTimersByTime(999);
  expect(onGone).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onGone).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(1_000);
  expect(onGone).toHaveBeenCalledTimes(2);
  audience.close();
});

test("with a reader onGone is not called, however long", () => {
  const { audience, onGone } = audienceUnderTest();
  const leave = audience.join();
  const leaveToo = audience.join();
  leave();
  leave();
  expect(audience.isEmpty).toBe(false);
  vi.advanceTimersByTime(10_000);
  expect(onGone).not.toHaveBeenCalled();
  leaveToo();
  expect(audience.isEmpty).toBe(true);
  vi.advanceTimersByTime(999);
  expect(onGone).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onGone).toHaveBeenCalledOnce();
  audience.close();
});

test("a reader that returns within the grace was not missed", () => {
  const { audience, onGone } = audienceUnderTest();
  for (let visit = 0; visit < 5; visit += 1) {
    const leave = audience.join();
    leave();
    vi.advanceTimersByTime(999);
  }
  audience.join();
  vi.advanceTimersByTime(10_000);
  expect(onGone).not.toHaveBeenCalled();
});

test("when the stream is over it does not wait for readers", () => {
  const { audience, onGone } = audienceUnderTest();
  const leave = audience.join();
  audience.close();
  leave();
  vi.advanceTimersByTime(10_000);
  expect(onGone).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test("an audience without readers has no timer", () => {
  audienceUnderTest();
  expect(vi.getTimerCount()).toBe(0);
});
