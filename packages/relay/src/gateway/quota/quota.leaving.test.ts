import { expect, test, vi } from "vitest";
import {
  expectNoTrace,
  holdClock,
  passMs,
  quotaUnderTest,
  settled,
} from "../testing/quota-under-test.ts";

holdClock();

test("a full queue refuses at once, and those who wait hear nothing of it", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1, maxQueued: 2, requestsPerMinute: 60 });
  const [, ...waiting] = ["in", "w1", "w2"].map((name) => quota.visit(name, "alice"));
  // Its turn would come before the second of alice's.
  const refused = quota.visit("refused", "bob");
  await settled();
  expect(refused.refusal).toMatchObject({
    code: "overloaded",
    status: 503,
    retryable: true,
    retryAfterMs: 3_000,
  });
  expect(refused.positions).toEqual([]);
  expect(waiting.map(({ positions }) => positions)).toEqual([[1], [2]]);
  expectNoTrace(refused);
});

test("a queue of length 0 lets in who need not wait, and refuses everybody else", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1, maxQueued: 0 });
  const [first, second] = [quota.visit("first"), quota.visit("second")];
  await settled();
  expect(second.refusal).toMatchObject({ code: "overloaded", retryAfterMs: 1_000 });
  expect(second.positions).toEqual([]);
  first.place?.leave();
  quota.visit("third");
  await settled();
  expect(quota.inside).toEqual(["first", "third"]);
});

test("when to come back is no sooner than the rate has room, and never less than a second", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 1, maxQueued: 0 });
  await (await quota.visit("first").entered).turn();
  await passMs(15_000);
  const early = quota.visit("early");
  await passMs(44_500);
  const late = quota.visit("late");
  await settled();
  expect(early.refusal).toMatchObject({ retryAfterMs: 60_000 });
  expect(late.refusal).toMatchObject({ retryAfterMs: 60_000 });
  const other = quotaUnderTest({ maxConcurrentStreams: 1, maxQueued: 0 });
  other.visit("first");
  const soon = other.visit("soon");
  await settled();
  expect(soon.refusal).toMatchObject({ retryAfterMs: 1_000 });
});

test("who waits longer than queueTimeoutMs is refused, and the others move up", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1, queueTimeoutMs: 1_000 });
  quota.visit("in");
  const first = quota.visit("first");
  await passMs(400);
  const second = quota.visit("second");
  await passMs(600);
  expect(first.refusal).toMatchObject({
    code: "overloaded",
    message: "The request waited longer than 1000 ms.",
    retryAfterMs: 1_200,
  });
  expect(second.positions).toEqual([2, 1]);
  expect(second.refusal).toBeUndefined();
  expectNoTrace(first);
});

test("who leaves the queue leaves no trace: the others move up, no listener, no timer", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 1 });
  await (await quota.visit("in").entered).turn();
  const visits = ["a", "b", "c"].map((name) => quota.visit(name));
  const [a, b, c] = visits;
  b?.leaving.abort("gone");
  await settled();
  expect(b?.refusal).toBe("gone");
  expect([a, b, c].map((one) => one?.positions)).toEqual([[1], [2], [3, 2]]);
  a?.leaving.abort("gone");
  c?.leaving.abort("gone");
  await settled();
  visits.forEach(expectNoTrace);
  expect(vi.getTimerCount()).toBe(0);
  await passMs(60_000);
  expect(quota.inside).toEqual(["in"]);
});

test("the turn of one who left in the same moment goes to the next", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  const [first, leaves] = ["first", "leaves", "next"].map((name) => quota.visit(name));
  await settled();
  leaves?.leaving.abort("gone");
  first?.place?.leave();
  await settled();
  expect(quota.inside).toEqual(["first", "next"]);
});

test("a signal that is already aborted lets nobody in or into the queue", async () => {
  const quota = quotaUnderTest();
  await expect(
    quota.enter({ subject: "", signal: AbortSignal.abort("gone"), onPosition: () => {} }),
  ).rejects.toBe("gone");
  expect(vi.getTimerCount()).toBe(0);
});

test("closing refuses who waits and whoever comes later, and leaves no timer", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 1 });
  const first = quota.visit("in");
  await (await first.entered).turn();
  const retry = expect(first.place?.turn()).rejects.toMatchObject({ code: "relay_draining" });
  const waiting = [quota.visit("a"), quota.visit("b")];
  quota.close();
  await retry;
  await settled();
  for (const one of waiting) {
    expect(one.refusal).toMatchObject({ code: "relay_draining" });
    expectNoTrace(one);
  }
  expect(waiting.map(({ positions }) => positions)).toEqual([[1], [2]]);
  first.place?.leave();
  const late = quota.visit("late");
  await settled();
  expect(late.refusal).toMatchObject({ code: "relay_draining" });
  expect(vi.getTimerCount()).toBe(0);
});
