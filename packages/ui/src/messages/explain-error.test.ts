import { StreamError } from "@gatestream/client";
import { expect, test } from "vitest";
import { explainError } from "./explain-error.ts";

test("a failure is told in words, and whether to try again", () => {
  const error = new StreamError("gateway_unavailable", "502", { retryable: true });
  expect(explainError(error)).toBe(
    "The gateway cannot be reached right now. Trying again may help.",
  );
  expect(explainError(new StreamError("forbidden", "403", { retryable: false }))).toBe(
    "You may not use this chat from here.",
  );
});

test("how long to wait is told in seconds", () => {
  const waiting = (retryAfterMs: number): string =>
    explainError(new StreamError("rate_limited", "429", { retryable: true, retryAfterMs }));
  expect(waiting(900)).toMatch(/Please wait a second\.$/);
  expect(waiting(2100)).toMatch(/Please wait 3 seconds\.$/);
});

test("a code of a newer relay tells what the relay says", () => {
  const error = new StreamError("overloaded", "Come back tomorrow.", { retryable: false });
  Object.assign(error, { code: "closed_today" });
  expect(explainError(error)).toBe("Come back tomorrow.");
});
