import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createRateWindow } from "./rate-window.ts";

/** A window whose clock is in the test's hands. */
function windowUnderTest(requestsPerMinute: number) {
  let time = 0;
  const rate = createRateWindow(requestsPerMinute, () => time);
  return {
    ...rate,
    passTo(ms: number) {
      time = ms;
    },
    /** Reserves and sends at once. */
    take() {
      rate.reserve();
      rate.send();
    },
  };
}

/** The most of `times` that fall into any minute. */
function mostInAnyMinute(times: readonly number[]): number {
  return Math.max(
    0,
    ...times.map((from) => times.filter((time) => time >= from && time < from + 60_000).length),
  );
}

test("it starts full: as many as a minute allows may be sent at once, and not one more", () => {
  const rate = windowUnderTest(3);
  for (let count = 0; count < 3; count += 1) {
    expect(rate.waitMs()).toBe(0);
    rate.take();
  }
  expect(rate.waitMs()).toBe(60_000);
});

test("each request's slot is free again a minute after it was sent, not before and not all together", () => {
  const rate = windowUnderTest(2);
  rate.take();
  rate.passTo(20_000);
  rate.take();
  expect(rate.waitMs()).toBe(40_000);
  rate.passTo(59_999);
  expect(rate.waitMs()).toBe(1);
  rate.passTo(60_000);
  expect(rate.waitMs()).toBe(0);
  rate.take();
  expect(rate.waitMs()).toBe(20_000);
});

test("a reserved slot is taken, and counts from when the request is sent", () => {
  const rate = windowUnderTest(2);
  rate.reserve();
  rate.reserve();
  expect(rate.waitMs()).toBe(60_000);
  rate.passTo(30_000);
  rate.send();
  rate.send();
  rate.passTo(60_000);
  expect(rate.waitMs()).toBe(30_000);
});

test("a returned slot is free at once", () => {
  const rate = windowUnderTest(1);
  rate.reserve();
  rate.release();
  expect(rate.waitMs()).toBe(0);
});

test("a pause holds everything back; a shorter one does not end a longer one", () => {
  const rate = windowUnderTest(5);
  rate.pause(3_000);
  rate.pause(1_000);
  expect(rate.waitMs()).toBe(3_000);
  rate.passTo(2_999);
  expect(rate.waitMs()).toBe(1);
  rate.passTo(3_000);
  expect(rate.waitMs()).toBe(0);
});

test("a pause of 0 is none", () => {
  const rate = windowUnderTest(5);
  rate.pause(0);
  expect(rate.waitMs()).toBe(0);
});

test("a pause has a limit: a minute, whatever the upstream asks for", () => {
  for (const ms of [60_001, 1e12, Number.POSITIVE_INFINITY]) {
    const rate = windowUnderTest(5);
    rate.pause(ms);
    expect(rate.waitMs()).toBe(60_000);
  }
});

test("never more than requestsPerMinute in any minute, and no later than need be", () => {
  const arrivals = fc.array(
    fc.record({ gapMs: fc.nat(30_000), delayMs: fc.nat(20_000), isSent: fc.boolean() }),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), arrivals, (requestsPerMinute, steps) => {
      const rate = windowUnderTest(requestsPerMinute);
      const sent: number[] = [];
      let time = 0;
      for (const { gapMs, delayMs, isSent } of steps) {
        time += gapMs;
        rate.passTo(time);
        time += rate.waitMs();
        rate.passTo(time);
        expect(rate.waitMs()).toBe(0);
        rate.reserve();
        time += delayMs;
        rate.passTo(time);
        if (!isSent) {
          rate.release();
          continue;
        }
        rate.send();
        sent.push(time);
        // What makes the next one wait is exactly the oldest of a full minute.
        const oldest = sent.at(-requestsPerMinute) ?? Number.NEGATIVE_INFINITY;
        expect(rate.waitMs()).toBe(Math.max(0, oldest + 60_000 - time));
      }
      expect(mostInAnyMinute(sent)).toBeLessThanOrEqual(requestsPerMinute);
    }),
  );
});
