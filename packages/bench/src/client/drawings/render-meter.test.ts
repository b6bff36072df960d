import { expect, test } from "vitest";
import { createRenderMeter } from "./render-meter.ts";

test("renders are counted from the first text to the last", () => {
  let nowMs = 0;
  const meter = createRenderMeter(() => nowMs);
  for (const [atMs, text] of [
    [100, ""],
    [1_000, "a"],
    [1_500, "ab"],
    [3_000, "ab"],
  ] as const) {
    nowMs = atMs;
    meter.count(text);
  }
  nowMs = 9_000;
  expect(meter.read()).toEqual({ renders: 2, seconds: 2 });
});

test("a page that never showed a text rendered nothing", () => {
  const meter = createRenderMeter(() => 5_000);
  meter.count("");
  expect(meter.read()).toEqual({ renders: 0, seconds: 0 });
});
