import { expect, test } from "vitest";
import { createPace } from "./pace.ts";

test("time to the first token and tokens a second are told from when they came", () => {
  const pace = createPace(1000);
  expect([pace.firstTokenMs, pace.tokensPerSecond(), pace.tokenCount]).toEqual([
    undefined,
    undefined,
    0,
  ]);
  for (const atMs of [1200, 1300, 1400, 1700]) pace.count(atMs);
  expect(pace.firstTokenMs).toBe(200);
  expect(pace.tokensPerSecond()).toBe(6);
  expect(pace.tokenCount).toBe(4);
});

test("tokens that came together have no pace", () => {
  const pace = createPace(0);
  pace.count(10);
  pace.count(10);
  expect(pace.tokensPerSecond()).toBeUndefined();
});

test("the history has a slot for each quarter of a second, and ends with the last half minute", () => {
  const pace = createPace(0);
  for (const atMs of [0, 100, 600]) pace.count(atMs);
  expect(pace.history(999)).toEqual([8, 0, 4, 0]);
  pace.count(60_000);
  const history = pace.history(60_000);
  expect(history).toHaveLength(120);
  expect(history.at(-1)).toBe(4);
  expect(history.slice(0, -1).every((rate) => rate === 0)).toBe(true);
});
