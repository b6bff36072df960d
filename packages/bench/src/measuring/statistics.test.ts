import { expect, test } from "vitest";
import { percentile, percentiles, summarise } from "./statistics.ts";

test("the median of an odd number of rounds is the middle one, whatever their order", () => {
  expect(summarise([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
});

test("the median of an even number of rounds is between the two in the middle", () => {
  expect(summarise([10, 2, 4, 100])).toEqual({ median: 7, min: 2, max: 100 });
});

test("numbers are sorted as numbers", () => {
  expect(summarise([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 });
});

test("no rounds say nothing", () => {
  expect(summarise([])).toEqual({ median: Number.NaN, min: Number.NaN, max: Number.NaN });
});

test.each([
  { percent: 50, expected: 50 },
  { percent: 99, expected: 99 },
  { percent: 100, expected: 100 },
  { percent: 0, expected: 1 },
])("of 1 to 100, percentile $percent is $expected", ({ percent, expected }) => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(samples, percent)).toBe(expected);
});

test("the percentile of few samples is one of them", () => {
  expect(percentiles([3, 1, 2])).toEqual({ count: 3, p50: 2, p99: 3 });
  expect(percentile([], 50)).toBe(Number.NaN);
});
