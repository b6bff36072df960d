import { expect, test } from "vitest";
import { restartDelayMs } from "./supervisor.ts";

test("a worker is replaced after a tenth of a second, later each time, after 30 s at most", () => {
  const delays = Array.from({ length: 11 }, (_, shortLives) => restartDelayMs(shortLives));
  expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  expect(restartDelayMs(5_000)).toBe(30_000);
});
