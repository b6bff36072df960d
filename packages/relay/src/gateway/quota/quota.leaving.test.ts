import { expect, test, vi } from "vitest";
import {
  expectNoTrace,
  holdClock,
  passMs,
  quotaUnderTest,
  settled,
} from "../testing/quota-under-test.ts";

holdClock();

test("a full queue refuses at once, and pending requests are not notified", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1, maxQueued: 2, requestsPerMinute: 60 });
  const [, ...waiting] = ["in", "w1", "w2"].map((name) => quota.visit(name, "alice"));
  const refused = quota.visit("refused", "alice");
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

test("one caller cannot fill the queue for all: the newest of the one with most is refused", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1, maxQueued: 3 });
  const [, first, second, third] = ["in", "a1", "a2", "a3"].map((name) =>
    quota.visit(name, "alice"),
  );
  const bob = quota.visit("b1", "bob");
  const carol = quota.visit("c1", "carol");
  const dave = quota.visit("d1", "dave");
  await settled();
  expect(third?.refusal).toMatchObject({ code: "overloaded" });
  expect(second?.refusal).toMatchObject({ code: "overloaded" });
  expect([first, bob, carol].map((one) => one?.refusal)).toEqual([undefined, undefined, undefined]);
  // All have equally many: the one that comes last is refused.
  expect(dave.refusal).toMatchObject({ code: "overloaded" });
});

test("conversations that wait or are being sent are bounded in bytes", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1, maxQueuedBytes: 100 });
  const running = quota.visit("in", "alice", { bytes: 40 });
  const large = quota.visit("a1", "alice", { bytes: 50 });
  await settled();
  const other = quota.visit("b1", "bob", { bytes: 20 });
  await settled();
  expect(large.refusal).toMatchObject({ code: "overloaded" });
  expect(other.refusal).toBeUndefined();
  const tooMuch = quota.visit("b2", "bob", { bytes: 50 });
  await settled();
  expect(tooMuch.refusal).toMatchObject({ code: "overloaded" });
  running.permit?.bodySent();
  const fits = quota.visit("b3", "bob", { bytes: 80 });
  await settled();
  expect(fits.refusal).toBeUndefined();
});

test("a conversation larger than maxQueuedBytes is taken when it is alone", async () => {
  const quota = quotaUnderTest({ maxQueuedBytes: 100 });
  const [large, second] = ["large", "second"].map((name) =>
    quota.visit(name, "alice", { bytes: 1_000 }),
  );
  await settled();
  expect(quota.inside).toEqual(["large"]);
  expect(large?.refusal).toBeUndefined();
  expect(second?.refusal).toMatchObject({ code: "overloaded" });
});

test("a queue of length 0 lets in who need not wait, and refuses everybody else", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1, maxQueued: 0 });
  const [first, second] = [quota.visit("first"), quota.visit("second")];
  await settled();
  expect(second.refusal).toMatchObject({ code: "overloaded", retryAfterMs: 1_000 });
  expect(second.positions).toEqual([]);
  first.permit?.release();
  quota.visit("third");
  await settled();
  expect(quota.inside).toEqual(["first", "third"]);
});

test("the retry time is no sooner than the rate allows, and never less than a second", async () => {
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
  expect(second.refusal).toBeUndefined();
  expectNoTrace(first);
});

test("who leaves the queue leaves no trace: the others move up, no listener, no timer", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 1 });
  await (await quota.visit("in").entered).turn();
  const visits = ["a", "b", "c"].map((name) => quota.visit(name));
  const [a, b, c] = visits;
  b?.leaving.abort("gone");
  await passMs(1_000);
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
  first?.permit?.release();
  await settled();
  expect(quota.inside).toEqual(["first", "next"]);
});

test("a signal that is already aborted gets no queue entry", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  await quota.visit("in").entered;
  const context = { subject: "", signal: AbortSignal.abort("gone"), onPosition: () => {} };
  await expect(quota.acquire({ context, configurationId: "", bytes: 0 })).rejects.toBe("gone");
  expect(vi.getTimerCount()).toBe(0);
});

test("closing refuses pending and later requests, and leaves no timer", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 1 });
  const first = quota.visit("in");
  await (await first.entered).turn();
  const retry = expect(first.permit?.turn()).rejects.toMatchObject({ code: "relay_draining" });
  const waiting = [quota.visit("a"), quota.visit("b")];
  quota.close();
  await retry;
  await settled();
  for (const one of waiting) {
    expect(one.refusal).toMatchObject({ code: "relay_draining" });
    expectNoTrace(one);
  }
  expect(waiting.map(({ positions }) => positions)).toEqual([[1], [2]]);
  first.permit?.release();
  const late = quota.visit("late");
  await settled();
  expect(late.refusal).toMatchObject({ code: "relay_draining" });
  expect(vi.getTimerCount()).toBe(0);
});

test("a further request of one who has left, or after the quota was closed, waits for nothing", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 2 });
  const [left, late] = [quota.visit("left"), quota.visit("late")];
  await settled();
  await left.permit?.turn();
  await late.permit?.turn();
  left.leaving.abort(new Error("left"));
  const refusals = [expect(left.permit?.turn()).rejects.toThrow("left")];
  quota.close();
  refusals.push(expect(late.permit?.turn()).rejects.toMatchObject({ code: "relay_draining" }));
  await settled();
  expect(vi.getTimerCount()).toBe(0);
  await Promise.all(refusals);
});
