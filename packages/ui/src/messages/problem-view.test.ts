import { StreamError } from "@gatestream/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { english } from "../labels/english.ts";
import { createProblemView } from "./problem-view.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(error: StreamError) {
  const waits: boolean[] = [];
  const problem = createProblemView(english, (isWaiting) => waits.push(isWaiting));
  problem.update(error);
  const told = (): string | undefined =>
    problem.element.querySelector("[role=alert]")?.textContent.trim();
  return { problem, waits, told };
}

test("a failure is told in words, and whether to try again", () => {
  const { told, waits } = open(new StreamError("gateway_unavailable", "502", { retryable: true }));
  expect(told()).toBe("The gateway cannot be reached right now. Trying again may help.");
  expect(waits).toEqual([false]);
  expect(open(new StreamError("forbidden", "403", { retryable: false })).told()).toBe(
    "You may not use this chat from here.",
  );
});

test("the code and the request are behind Details", () => {
  const { problem } = open(
    new StreamError("internal_error", "500", { retryable: true, requestId: "r-1" }),
  );
  const details = problem.element.querySelector("details");
  expect(details?.open).toBe(false);
  expect(details?.querySelector("summary")?.textContent).toBe("Details");
  expect(details?.querySelector("p")?.textContent).toBe("internal_error, request r-1");
  expect(problem.element.querySelector("[role=alert]")?.textContent).not.toContain("r-1");
});

test("how long to wait is counted down, and then trying again may help", () => {
  const retryAfterMs = 2100;
  const { told, waits, problem } = open(
    new StreamError("rate_limited", "429", { retryable: true, retryAfterMs }),
  );
  expect(told()).toMatch(/Please wait 3 seconds\.$/);
  vi.advanceTimersByTime(1200);
  expect(told()).toMatch(/Please wait 2 seconds\.$/);
  vi.advanceTimersByTime(800);
  expect(told()).toMatch(/Please wait a second\.$/);
  // Once is enough: the seconds are not spoken.
  expect(problem.element.querySelector("[role=alert] [role=timer]")).not.toBe(null);
  expect(waits.at(-1)).toBe(true);
  vi.advanceTimersByTime(100);
  expect(waits.at(-1)).toBe(false);
  expect(told()).toMatch(/Trying again may help\.$/);
  expect(vi.getTimerCount()).toBe(0);
});

test("a problem that is taken off the page, or is over, counts nothing", () => {
  const error = new StreamError("rate_limited", "429", { retryable: true, retryAfterMs: 9000 });
  const closed = open(error);
  closed.problem.close();
  const over = open(error);
  over.problem.update(undefined);
  expect(vi.getTimerCount()).toBe(0);
  expect(over.problem.element.hidden).toBe(true);
  expect(over.waits).toEqual([true, false]);
});

test("a code of a newer relay tells what the relay says", () => {
  const error = new StreamError("overloaded", "Come back tomorrow.", { retryable: false });
  Object.assign(error, { code: "closed_today" });
  expect(open(error).told()).toBe("Come back tomorrow.");
});
