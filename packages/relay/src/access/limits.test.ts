import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { isRelayError } from "../errors.ts";
import { createSubjectLimits } from "./limits.ts";

const secondMs = 1_000;
const minuteMs = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  return () => void vi.useRealTimers();
});

const noBudgets = { tokensPerMinutePerSubject: 0, tokensPerDayPerSubject: 0 };

function limits(requestsPerMinutePerSubject: number, maxStreamsPerSubject: number) {
  return createSubjectLimits({ requestsPerMinutePerSubject, maxStreamsPerSubject, ...noBudgets });
}

/** Forces garbage collection, then returns what is still referenced. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

test("as many requests as the limit says are taken in a minute, and no more", async () => {
  const { countRequest } = limits(2, 0);
  await countRequest("alice");
  vi.advanceTimersByTime(15.5 * secondMs);
  await countRequest("alice");
  const refusal = await countRequest("alice").catch((reason: unknown) => reason);
  expect(isRelayError(refusal)).toBe(true);
  expect(refusal).toMatchObject({
    code: "rate_limited",
    status: 429,
    retryable: true,
    message: "One caller's limit of requests a minute is 2; try again in 45 s.",
    retryAfterMs: 44.5 * secondMs,
    headers: { "RateLimit-Policy": '"requests";q=2;w=60', RateLimit: '"requests";r=0;t=45' },
  });
});

test("the minute begins with the first request, and refusals do not make it longer", async () => {
  const { countRequest } = limits(1, 0);
  await countRequest("alice");
  for (let second = 0; second < 59; second += 1) {
    vi.advanceTimersByTime(secondMs);
    await expect(countRequest("alice")).rejects.toMatchObject({
      retryAfterMs: (59 - second) * secondMs,
    });
  }
  vi.advanceTimersByTime(secondMs);
  await countRequest("alice");
});

test("answers that cost as much as the budget are the last of the minute, or of the day", async () => {
  const { countRequest, countTokens } = createSubjectLimits({
    requestsPerMinutePerSubject: 0,
    maxStreamsPerSubject: 0,
    tokensPerMinutePerSubject: 100,
    tokensPerDayPerSubject: 150,
  });
  await countRequest("alice");
  countTokens("alice", 99);
  await countRequest("alice");
  vi.advanceTimersByTime(15.5 * secondMs);
  countTokens("alice", 1);
  await countRequest("bob");
  await expect(countRequest("alice")).rejects.toMatchObject({
    code: "rate_limited",
    message: "One caller's limit of tokens a minute is 100; try again in 45 s.",
    retryAfterMs: 44.5 * secondMs,
    headers: { "RateLimit-Policy": '"tokens";q=100;w=60', RateLimit: '"tokens";r=0;t=45' },
  });
  vi.advanceTimersByTime(44.5 * secondMs);
  await countRequest("alice");
  countTokens("alice", 50);
  await expect(countRequest("alice")).rejects.toMatchObject({
    message: "One caller's limit of tokens a day is 150; try again in 86340 s.",
    headers: { "RateLimit-Policy": '"tokens";q=150;w=86400' },
  });
  vi.advanceTimersByTime(86_340 * secondMs);
  await countRequest("alice");
});

test("no subject pays for another, however alike they are", async () => {
  const { countRequest, enterStream } = limits(1, 1);
  for (const subject of ["alice", "Alice", "alice ", "", "__proto__", "constructor"]) {
    await countRequest(subject);
    enterStream(subject);
    await expect(countRequest(subject)).rejects.toMatchObject({ code: "rate_limited" });
    expect(() => enterStream(subject)).toThrow("streams at once is 1;");
  }
});

test("a limit of 0 is none, and holds nothing", async () => {
  const { countRequest, enterStream } = limits(0, 0);
  for (let count = 0; count < 100; count += 1) {
    await countRequest("alice");
    enterStream("alice")();
  }
  expect(vi.getTimerCount()).toBe(0);
});

test("as many streams as the limit says run at once; one that ends lets in one", () => {
  const { enterStream } = limits(0, 2);
  const [leave] = [enterStream("alice"), enterStream("alice")];
  expect(() => enterStream("alice")).toThrow();
  leave();
  enterStream("alice");
  expect(() => enterStream("alice")).toThrow();
});

test("a stream beyond the limit is refused with the limit, without a time to retry", () => {
  const { enterStream } = limits(0, 1);
  enterStream("alice");
  let refusal: unknown;
  try {
    enterStream("alice");
  } catch (reason) {
    refusal = reason;
  }
  expect(isRelayError(refusal)).toBe(true);
  expect(refusal).toMatchObject({
    code: "rate_limited",
    status: 429,
    message: "One caller's limit of streams at once is 1; try again when one of them has ended.",
    retryAfterMs: undefined,
    headers: {
      "RateLimit-Policy": '"streams";q=1;qu="concurrent-requests"',
      RateLimit: '"streams";r=0',
    },
  });
});

test("a place that is given back twice is given back once", () => {
  const { enterStream } = limits(0, 2);
  const [leave] = [enterStream("alice"), enterStream("alice")];
  leave();
  leave();
  enterStream("alice");
  expect(() => enterStream("alice")).toThrow();
});

test("refusals do not reveal the subject", async () => {
  const { countRequest, enterStream } = limits(1, 1);
  const subject = "alice@example.org";
  await countRequest(subject);
  enterStream(subject);
  const refusals = [
    await countRequest(subject).catch((reason: unknown) => reason),
    await Promise.resolve(subject)
      .then(enterStream)
      .catch((reason: unknown) => reason),
  ];
  for (const refusal of refusals) {
    const { message, headers, cause } = refusal as Error & { headers: unknown };
    expect(JSON.stringify([message, headers])).not.toMatch(/alice|example/);
    expect(cause).toBeUndefined();
  }
});

test("10,000 subjects whose minute is over and whose streams have ended are forgotten", async () => {
  const atMinutesEnd: (() => void)[] = [];
  // The fake clock would search all of its timers for each that it fires.
  vi.stubGlobal("setTimeout", (run: () => void, afterMs: number) => {
    if (afterMs === minuteMs) atMinutesEnd.push(run);
    return { unref() {} };
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  const { countRequest, enterStream } = limits(1, 1);
  // Through a buffer, so that no two names share their memory.
  const subjectOf = (number: number): string => `${Buffer.from(`${number}`.padEnd(2_000))}`;
  const beforeBytes = heldBytes();
  const leaves: (() => void)[] = [];
  for (let number = 0; number < 10_000; number += 1) {
    await countRequest(subjectOf(number));
    leaves.push(enterStream(subjectOf(number)));
  }
  expect(atMinutesEnd).toHaveLength(10_000);
  // The names alone are 2,000 bytes each.
  expect(heldBytes() - beforeBytes).toBeGreaterThan(20_000_000);
  for (const run of [...leaves.splice(0), ...atMinutesEnd.splice(0)]) run();
  expect(heldBytes() - beforeBytes).toBeLessThan(5_000_000);
  // A returning subject is new; the limits themselves still existed until here.
  await countRequest(subjectOf(0));
  enterStream(subjectOf(0));
});
