import { errorTable, type ErrorCode } from "@gatestream/protocol";
import { describe, expect, test } from "vitest";
import { nextStep as decide, type Loss, type Progress, type RetrySettings } from "./next-step.ts";
import { StreamError, type StreamErrorCode, type StreamErrorDetails } from "../stream-error.ts";

const retry = { limit: 5, baseDelayMs: 500, maxDelayMs: 10_000 };
type Situation = Progress & Omit<Loss, "failure">;

const fresh: Situation = {
  hasBegun: false,
  canResume: false,
  retryCount: 0,
  wasUnauthorized: false,
  lostForMs: 0,
  keptForMs: 300_000,
  isOffline: false,
};
const underway: Situation = { ...fresh, hasBegun: true, canResume: true };

function failure(code: StreamErrorCode, details?: StreamErrorDetails): StreamError {
  const retryable = code in errorTable ? errorTable[code as ErrorCode].retryable : undefined;
  return new StreamError(code, "", { retryable, ...details });
}

function nextStep(
  { lostForMs, isOffline, ...progress }: Situation,
  error: StreamError,
  settings: RetrySettings,
  random: number,
) {
  const next = decide(progress, { failure: error, lostForMs, isOffline }, settings, random);
  return { type: next ? (progress.hasBegun ? "resume" : "restart") : "give up", ...next };
}

function stepAfter(progress: Partial<Situation>, error: StreamError, random = 0.5) {
  return nextStep({ ...fresh, ...progress }, error, retry, random);
}

const ownCodes = [
  "network",
  "headers",
  "timeout",
  "stalled",
  "truncated",
  "protocol",
  "aborted",
] as const;
const codes: readonly StreamErrorCode[] = [
  ...(Object.keys(errorTable) as ErrorCode[]),
  ...ownCodes,
];
const booleans = [false, true];

/** Everything that may be known when a connection has ended. */
const situations = codes.flatMap((code) =>
  [undefined, 204, 404, 503].flatMap((status) =>
    [undefined, 0, 1000, 10_000, 10_001].flatMap((retryAfterMs) =>
      booleans.flatMap((retryable) =>
        booleans.flatMap((hasBegun) =>
          booleans.flatMap((canResume) =>
            booleans.flatMap((wasUnauthorized) =>
              [0, 1, 4, 5, 6].map((retryCount) => ({
                error: new StreamError(code, "", { status, retryAfterMs, retryable }),
                progress: { ...fresh, hasBegun, canResume, wasUnauthorized, retryCount },
              })),
            ),
          ),
        ),
      ),
    ),
  ),
);

describe("in every situation", () => {
  const taken = situations.map(({ error, progress }) => ({
    error,
    progress,
    step: nextStep(progress, error, retry, 0.999),
  }));

  test("there are as many as there should be, and each step is taken in some", () => {
    expect(situations).toHaveLength(codes.length * 4 * 5 * 2 * 2 * 2 * 2 * 5);
    const types = new Set(taken.map(({ step }) => step.type));
    expect(types).toEqual(new Set(["restart", "resume", "give up"]));
  });

  test("what has not begun, and what the relay does not keep, is never resumed", () => {
    const wrong = taken.filter(
      ({ progress: { hasBegun, canResume }, step }) =>
        !(hasBegun && canResume) && step.type === "resume",
    );
    expect(wrong).toEqual([]);
  });

  test("nothing is tried more often than the limit", () => {
    const wrong = taken.filter(
      ({ progress, step }) => progress.retryCount >= retry.limit && step.type !== "give up",
    );
    expect(wrong).toEqual([]);
  });

  test("what is not retryable is given up, except that headers are asked for once more", () => {
    const wrong = taken.filter(
      ({ error, progress: { hasBegun, wasUnauthorized }, step }) =>
        !error.retryable &&
        step.type !== "give up" &&
        !(error.code === "headers" && hasBegun) &&
        !(error.code === "unauthorized" && hasBegun && !wasUnauthorized),
    );
    expect(wrong).toEqual([]);
  });

  test("a stream that is over is given up", () => {
    const wrong = taken.filter(
      ({ error, step }) => error.status === 204 && step.type !== "give up",
    );
    expect(wrong).toEqual([]);
  });

  test("no wait is shorter than the relay has asked for, and a longer one is not waited for", () => {
    const wrong = taken.filter(({ error: { retryAfterMs = 0 }, step }) =>
      step.type === "give up"
        ? false
        : retryAfterMs > retry.maxDelayMs ||
          Number(step.waitMs) < retryAfterMs ||
          Number(step.waitMs) > retryAfterMs + retry.maxDelayMs,
    );
    expect(wrong).toEqual([]);
  });

  test("everything else is tried again", () => {
    const wrong = taken.filter(({ error, progress, step }) => {
      const isPossible = progress.canResume || !progress.hasBegun;
      const isOver = error.status === 204 || (error.retryAfterMs ?? 0) > retry.maxDelayMs;
      const isTriedAgain =
        isPossible && error.retryable && !isOver && progress.retryCount < retry.limit;
      return isTriedAgain && step.type !== (progress.hasBegun ? "resume" : "restart");
    });
    expect(wrong).toEqual([]);
  });
});

test.each([
  "rate_limited",
  "gateway_rate_limited",
  "gateway_unavailable",
  "gateway_timeout",
  "overloaded",
  "relay_draining",
  "internal_error",
  "network",
  "timeout",
  "stalled",
  "truncated",
] as const)("%s before the first event: the stream is started again", (code) => {
  expect(stepAfter({}, failure(code))).toMatchObject({ type: "restart" });
});

test.each([
  "invalid_request",
  "unauthorized",
  "forbidden",
  "not_found",
  "payload_too_large",
  "gateway_rejected",
  "gateway_auth_failed",
  "protocol",
] as const)("%s before the first event: given up", (code) => {
  expect(stepAfter({}, failure(code))).toEqual({ type: "give up" });
});

test.each(["stream_not_found", "cursor_unknown", "forbidden", "protocol"] as const)(
  "%s when it is resumed: given up",
  (code) => {
    expect(stepAfter(underway, failure(code))).toEqual({ type: "give up" });
  },
);

test("a proxy's page is tried again where its status says so", () => {
  const page = (retryable: boolean) => failure("protocol", { retryable });
  expect(stepAfter({}, page(true)).type).toBe("restart");
  expect(stepAfter(underway, page(true)).type).toBe("resume");
  expect(stepAfter({}, page(false)).type).toBe("give up");
});

test("the wait doubles up to its longest, with full jitter", () => {
  const waits = (random: number) =>
    [0, 1, 2, 3, 4].map((retryCount) =>
      nextStep(
        { ...fresh, retryCount },
        failure("network"),
        { ...retry, maxDelayMs: 3000 },
        random,
      ),
    );
  const restart = (waitMs: number) => ({ type: "restart", waitMs, isOrdered: false });
  expect(waits(0)).toEqual([0, 0, 0, 0, 0].map(restart));
  expect(waits(0.5)).toEqual([250, 500, 1000, 1500, 1500].map(restart));
  expect(waits(1)).toEqual([500, 1000, 2000, 3000, 3000].map(restart));
});

test("the jitter comes on top of what the relay has asked for, which nothing shortens", () => {
  const error = failure("rate_limited", { retryAfterMs: 2000 });
  expect(stepAfter({}, error, 0)).toEqual({ type: "restart", waitMs: 2000, isOrdered: true });
  expect(stepAfter({}, error, 1)).toEqual({ type: "restart", waitMs: 2500, isOrdered: true });
});

test("headers are asked for once more when they are refused underway, and at once", () => {
  const error = failure("unauthorized");
  expect(stepAfter(underway, error)).toMatchObject({ type: "resume", waitMs: 0 });
  expect(stepAfter({ ...underway, wasUnauthorized: true }, error).type).toBe("give up");
});

describe("where no limit is set", () => {
  const byTime = { ...retry, limit: undefined };
  const step = (progress: Partial<Situation>, error = failure("network")) =>
    nextStep({ ...fresh, ...progress }, error, byTime, 1);

  test("a start is tried again five times", () => {
    expect(step({ retryCount: 4 }).type).toBe("restart");
    expect(step({ retryCount: 5 }).type).toBe("give up");
  });

  test("resuming is retried as long as the relay keeps the answer, at most 10 s apart", () => {
    const lost = { ...underway, retryCount: 100, keptForMs: 60_000 };
    expect(step({ ...lost, lostForMs: 59_999 })).toMatchObject({ type: "resume", waitMs: 10_000 });
    expect(step({ ...lost, lostForMs: 60_000 })).toEqual({ type: "give up" });
  });

  test("headers that cannot be made are fatal at the start, and tried again underway", () => {
    expect(step({}, failure("headers")).type).toBe("give up");
    expect(step(underway, failure("headers")).type).toBe("resume");
  });
});

describe("while the browser is offline", () => {
  const offline = { isOffline: true, retryCount: 100, lostForMs: 900_000 };
  const waits = { waitMs: Infinity, isOrdered: false };

  test("nothing is tried, and nothing is given up", () => {
    expect(stepAfter({ ...underway, ...offline }, failure("network"))).toEqual({
      type: "resume",
      ...waits,
    });
    expect(stepAfter(offline, failure("network"))).toEqual({ type: "restart", ...waits });
  });

  test("a limit of 0, what is not kept, and what a relay has answered are given up", () => {
    const never = { ...retry, limit: 0 };
    const isGivenUp = { type: "give up" };
    expect(nextStep({ ...underway, ...offline }, failure("network"), never, 0)).toEqual(isGivenUp);
    expect(stepAfter({ ...offline, hasBegun: true }, failure("truncated"))).toEqual(isGivenUp);
    const refused = failure("overloaded", { status: 503 });
    expect(stepAfter({ ...underway, ...offline }, refused)).toEqual(isGivenUp);
  });
});

test("a limit of 0 gives up at once", () => {
  const never = { ...retry, limit: 0 };
  expect(nextStep(fresh, failure("network"), never, 0).type).toBe("give up");
  expect(nextStep(underway, failure("truncated"), never, 0).type).toBe("give up");
  expect(nextStep(underway, failure("unauthorized"), never, 0).type).toBe("give up");
});
