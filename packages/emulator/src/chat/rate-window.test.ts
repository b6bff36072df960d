import { expect, test } from "vitest";
import { createRateWindow } from "./rate-window.ts";

test("a window that has just begun resets in a minute, whatever fraction the clock shows", () => {
  // With this one, the sum less the summand is more than what was added.
  const window = createRateWindow(10, () => 10_927.7071628832);
  expect(window.count()).toEqual({ count: 1, allowed: 10, resetSeconds: 60 });
});
