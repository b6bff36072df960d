import { expect, test } from "vitest";

import { createRandom } from "../answer/random.ts";
import { createTestClock } from "../testing/test-clock.ts";
import { createPacer, paceWeights } from "./pacer.ts";

const tokens = ["One", " sentence", ".", " And", " one", " more", "."];

function pacerOf(tokensPerSecond: number, clock = createTestClock()) {
  const { signal } = new AbortController();
  return createPacer({ tokens, tokensPerSecond, random: createRandom(7), clock, signal });
}

test("weights vary and keep the mean at one", () => {
  const weights = paceWeights(tokens, createRandom(7));
  expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(tokens.length);
  expect(new Set(weights).size).toBe(tokens.length);
});

test("the same random numbers give the same jitter", async () => {
  const clocks = [createTestClock(), createTestClock()];
  for (const clock of clocks) {
    const next = pacerOf(10, clock);
    for (const _ of tokens) await next();
  }
  expect(clocks[0]?.waitsMs).toHaveLength(tokens.length);
  expect(clocks[0]?.waitsMs).toEqual(clocks[1]?.waitsMs);
});

test("time lost elsewhere is made up, not added", async () => {
  const clock = createTestClock();
  const next = pacerOf(10, clock);
  await next();
  clock.advance(5000);
  for (let count = 1; count < tokens.length; count += 1) await next();
  expect(clock.waitsMs).toHaveLength(1);
});

test("0 tokens per second means no waiting", async () => {
  const clock = createTestClock();
  const next = pacerOf(0, clock);
  for (const _ of tokens) await next();
  expect(clock.waitsMs).toEqual([]);
});
