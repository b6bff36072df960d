import { expect, test } from "vitest";
import { rateLimitHeaders } from "./limits.ts";

test("a limit of requests states its quota, its window and the rest of both", () => {
  expect(
    rateLimitHeaders(
      { name: "requests", quota: 60, windowSeconds: 60 },
      { available: 0, windowMs: 12_000 },
    ),
  ).toEqual({ "RateLimit-Policy": '"requests";q=60;w=60', RateLimit: '"requests";r=0;t=12' });
});

test("a limit of streams states its unit, and no window: the end of a stream is unknown", () => {
  expect(
    rateLimitHeaders({ name: "streams", quota: 4, unit: "concurrent-requests" }, { available: 0 }),
  ).toEqual({
    "RateLimit-Policy": '"streams";q=4;qu="concurrent-requests"',
    RateLimit: '"streams";r=0',
  });
});

test.each([
  [1, 1],
  [1_000, 1],
  [1_001, 2],
  [59_999, 60],
])("a window of %i ms is rounded up to %i seconds", (windowMs, seconds) => {
  const headers = rateLimitHeaders({ name: "requests", quota: 1 }, { available: 1, windowMs });
  expect(headers).toEqual({
    "RateLimit-Policy": '"requests";q=1',
    RateLimit: `"requests";r=1;t=${seconds}`,
  });
});
