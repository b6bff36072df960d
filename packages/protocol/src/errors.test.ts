import { expect, test } from "vitest";
import { errorTable, type ErrorCode } from "./errors.ts";

const rows = Object.entries(errorTable) as [ErrorCode, (typeof errorTable)[ErrorCode]][];

test.each(rows)("%s is a lower-case word with an error status and a sentence", (code, row) => {
  expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
  expect(row.status).toBeGreaterThanOrEqual(400);
  expect(row.status).toBeLessThan(600);
  expect(row.meaning).toMatch(/^[A-Z].*\.$/);
});

test("429, 503 and 504 are retryable, other 4xx are not", () => {
  for (const [code, { status, retryable }] of rows) {
    if (status === 429 || status === 503 || status === 504)
      expect([code, retryable]).toEqual([code, true]);
    else if (status < 500) expect([code, retryable]).toEqual([code, false]);
  }
});
