import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import { openUpstream, retryDelayMs, type RetryContext, type RetrySettings } from "./retry.ts";
import { deferred } from "../testing/deferred.ts";
import { TransientError } from "./retry.ts";

interface Failure {
  readonly attempt: number;
  readonly error: RelayError;
  readonly waitMs: number | undefined;
}

/** Runs `attempt` without jitter, so that a retry without a requested wait runs at once. */
function open<Answer>(
  attempt: (number: number) => Promise<Answer>,
  change: Partial<RetrySettings & Omit<RetryContext, "onFailure">> = {},
) {
  const failures: Failure[] = [];
  const { promise: failed, resolve: onFailed } = deferred();
  const { signal = new AbortController().signal, random = () => 0, now = () => 0 } = change;
  const { handshakeTries = 4, handshakeDeadlineMs = 30_000 } = change;
  const answer = openUpstream(
    attempt,
    { handshakeTries, handshakeDeadlineMs },
    {
      signal,
      random,
      now,
      onFailure(number, error, waitMs) {
        failures.push({ attempt: number, error, waitMs });
        onFailed();
      },
    },
  );
  return { answer, failures, failed };
}

const busy = (retryAfterMs?: number) =>
  new TransientError(
    "gateway_unavailable",
    "Busy.",
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );

test("jitter stays between nothing and a cap that doubles up to eight seconds", () => {
  const caps = [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000];
  for (const [index, cap] of caps.entries()) {
    expect(retryDelayMs(index + 1, 0, () => 0)).toBe(0);
    expect(retryDelayMs(index + 1, 0, () => 0.5)).toBe(cap / 2);
    expect(retryDelayMs(index + 1, 0, () => 1 - Number.EPSILON)).toBe(cap);
  }
  expect(retryDelayMs(5_000, 0, () => 0.5)).toBe(4_000);
});

test("the stated wait is a floor under the jitter", () => {
  expect(retryDelayMs(1, 3_000, () => 0)).toBe(3_000);
  expect(retryDelayMs(2, 3_000, () => 0.5)).toBe(3_250);
  for (let count = 0; count < 1_000; count += 1) {
    const delayMs = retryDelayMs(3, 1_000, Math.random);
    expect(delayMs).toBeGreaterThanOrEqual(1_000);
    expect(delayMs).toBeLessThanOrEqual(2_000);
  }
});

test("the first answer is the answer, and nothing is reported", async () => {
  const { answer, failures } = open(async (number) => `answer ${number}`);
  await expect(answer).resolves.toBe("answer 1");
  expect(failures).toEqual([]);
});

test("transient failures are tried again and each is reported with its wait", async () => {
  const error = busy(2);
  const { answer, failures } = open(async (number) => {
    if (number < 3) throw error;
    return number;
  });
  await expect(answer).resolves.toBe(3);
  expect(failures).toEqual([
    { attempt: 1, error, waitMs: 2 },
    { attempt: 2, error, waitMs: 2 },
  ]);
});

test("tries are bounded; the last failure is thrown as it is and reported without a wait", async () => {
  const errors: RelayError[] = [];
  const { answer, failures } = open(
    async () => {
      const error = busy();
      errors.push(error);
      throw error;
    },
    { handshakeTries: 3 },
  );
  await expect(answer).rejects.toSatisfy((thrown) => thrown === errors[2]);
  expect(failures.map(({ attempt, waitMs }) => [attempt, waitMs])).toEqual([
    [1, 0],
    [2, 0],
    [3, undefined],
  ]);
});

test("one try is one try", async () => {
  const { answer, failures } = open(() => Promise.reject(busy()), { handshakeTries: 1 });
  await expect(answer).rejects.toThrow("Busy.");
  expect(failures).toEqual([{ attempt: 1, error: expect.anything(), waitMs: undefined }]);
});

test("what is not transient is thrown at once and is no failed try", async () => {
  const fault = new RelayError("gateway_rejected", "No.");
  const { answer, failures } = open(() => Promise.reject(fault));
  await expect(answer).rejects.toBe(fault);
  expect(failures).toEqual([]);
});

test("a stated wait beyond the deadline fails at once and reports the wait", async () => {
  const { answer, failures } = open(() => Promise.reject(busy(600_000)));
  await expect(answer).rejects.toMatchObject({ retryAfterMs: 600_000 });
  expect(failures).toEqual([{ attempt: 1, error: expect.anything(), waitMs: undefined }]);
});

test("a wait that ends exactly at the deadline is waited for; time spent trying counts", async () => {
  const deadline = { handshakeDeadlineMs: 10 };
  const inTime = open(
    async (number) => (number === 1 ? Promise.reject(busy(10)) : number),
    deadline,
  );
  await expect(inTime.answer).resolves.toBe(2);
  let time = 0;
  const late = open(
    () => {
      time += 6;
      return Promise.reject(busy(4));
    },
    { ...deadline, now: () => time },
  );
  await expect(late.answer).rejects.toThrow("Busy.");
  expect(late.failures.map(({ waitMs }) => waitMs)).toEqual([4, undefined]);
});

test("an abort during the wait ends it at once with the signal's reason", async () => {
  const leaving = new AbortController();
  const { answer, failed } = open(() => Promise.reject(busy(20_000)), { signal: leaving.signal });
  await failed;
  leaving.abort("the reader left");
  await expect(answer).rejects.toBe("the reader left");
  expect(getEventListeners(leaving.signal, "abort")).toEqual([]);
});

test("a signal that is already aborted lets no try begin", async () => {
  let tries = 0;
  const { answer } = open(async () => (tries += 1), { signal: AbortSignal.abort("gone") });
  await expect(answer).rejects.toBe("gone");
  expect(tries).toBe(0);
});

test("an abort while a try fails lets no other try begin", async () => {
  const leaving = new AbortController();
  let tries = 0;
  const { answer } = open(
    () => {
      tries += 1;
      leaving.abort("gone");
      return Promise.reject(busy());
    },
    { signal: leaving.signal },
  );
  await expect(answer).rejects.toBe("gone");
  expect(tries).toBe(1);
});

test("waits leave no listeners on a signal that lives longer", async () => {
  const { signal } = new AbortController();
  const { answer } = open(async (number) => (number < 4 ? Promise.reject(busy()) : number), {
    signal,
  });
  await answer;
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a further try that gets no slot in time fails with the error that caused it", async () => {
  const unavailable = new TransientError("gateway_unavailable", "Away.");
  const waits: number[] = [];
  const opening = openUpstream(
    async (number, withinMs) => {
      waits.push(withinMs);
      if (number === 1) throw unavailable;
      throw new RelayError("overloaded", "No room.");
    },
    { handshakeTries: 4, handshakeDeadlineMs: 1_000 },
    { signal: new AbortController().signal, onFailure: () => {}, random: () => 0 },
  );
  await expect(opening).rejects.toBe(unavailable);
  expect(waits[0]).toBe(Infinity);
  expect(waits[1]).toBeLessThanOrEqual(1_000);
});
