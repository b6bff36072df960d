import { expect, test, vi } from "vitest";
import { deferred } from "../testing/deferred.ts";
import {
  expectNoTrace,
  holdClock,
  passMs,
  quotaUnderTest,
  settled,
  type Visit,
} from "../testing/quota-under-test.ts";

holdClock();

test("whoever finds room goes in at once and never hears of a queue", async () => {
  const quota = quotaUnderTest();
  const visits = ["a", "b", "c"].map((name) => quota.visit(name));
  await settled();
  expect(quota.inside).toEqual(["a", "b", "c"]);
  for (const one of visits) {
    expect(one.positions).toEqual([]);
    expectNoTrace(one);
  }
  expect(vi.getTimerCount()).toBe(0);
});

test("at most maxConcurrentStreams run; one that ends lets exactly the next in", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 2 });
  const [first] = ["a", "b", "c", "d"].map((name) => quota.visit(name));
  await settled();
  expect(quota.inside).toEqual(["a", "b"]);
  first?.place?.leave();
  await settled();
  expect(quota.inside).toEqual(["a", "b", "c"]);
});

test("leaving twice gives the place back once", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  const [first] = ["a", "b", "c"].map((name) => quota.visit(name));
  await settled();
  first?.place?.leave();
  first?.place?.leave();
  await settled();
  expect(quota.inside).toEqual(["a", "b"]);
});

test("each hears its place on every change and 0 when it is its turn", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  const visits = ["a", "b", "c", "d"].map((name) => quota.visit(name));
  for (const one of visits.slice(0, 3)) {
    await settled();
    one.place?.leave();
  }
  await settled();
  expect(visits.map(({ positions }) => positions)).toEqual([[], [1, 0], [2, 1, 0], [3, 2, 1, 0]]);
});

test("the subjects are served in turns, and hear it when another's turn pushes them back", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  const first = quota.visit("first", "alice");
  const [, second] = [quota.visit("a1", "alice"), quota.visit("a2", "alice")];
  const other = quota.visit("b1", "bob");
  await settled();
  expect(second?.positions).toEqual([2, 3]);
  expect(other.positions).toEqual([2]);
  first.place?.leave();
  await settled();
  expect(quota.inside).toEqual(["first", "a1"]);
  expect(other.positions).toEqual([2, 1]);
});

test("no more than requestsPerMinute are let in; the others follow as the minute goes by", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 2 });
  const begin = async (visit: Visit) => (await visit.entered).turn();
  void begin(quota.visit("a"));
  await passMs(10_000);
  void begin(quota.visit("b"));
  quota.visit("c");
  quota.visit("d");
  await passMs(49_999);
  expect(quota.inside).toEqual(["a", "b"]);
  await passMs(1);
  expect(quota.inside).toEqual(["a", "b", "c"]);
  await passMs(10_000);
  expect(quota.inside).toEqual(["a", "b", "c", "d"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a request counts from when it is sent, however long its access token took", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 2 });
  const early = [quota.visit("a"), quota.visit("b")];
  quota.visit("c");
  await passMs(20_000);
  await Promise.all(early.map((one) => one.place?.turn()));
  await passMs(59_999);
  expect(quota.inside).toEqual(["a", "b"]);
  await passMs(1);
  expect(quota.inside).toEqual(["a", "b", "c"]);
});

test("who leaves without having sent anything gives its room back", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 1 });
  const first = quota.visit("a");
  quota.visit("b");
  await settled();
  expect(quota.inside).toEqual(["a"]);
  first.place?.leave();
  await settled();
  expect(quota.inside).toEqual(["a", "b"]);
});

test("an upstream that has had enough is sent nothing until it wants more", async () => {
  const quota = quotaUnderTest();
  quota.pause(2_000);
  const waiting = quota.visit("a");
  await passMs(1_999);
  expect(quota.inside).toEqual([]);
  expect(waiting.positions).toEqual([1]);
  await passMs(1);
  expect(quota.inside).toEqual(["a"]);
});

test("a pause that comes while they wait holds them for longer", async () => {
  const quota = quotaUnderTest();
  quota.pause(1_000);
  quota.visit("a");
  quota.pause(5_000);
  await passMs(4_999);
  expect(quota.inside).toEqual([]);
  await passMs(1);
  expect(quota.inside).toEqual(["a"]);
});

test("a Retry-After of years neither stops the relay for good nor keeps it busy", async () => {
  const quota = quotaUnderTest({ queueTimeoutMs: 2_147_483_647 });
  const setTimer = vi.spyOn(globalThis, "setTimeout");
  quota.pause(1e12);
  quota.visit("a");
  await passMs(3_600_000);
  expect(quota.inside).toEqual(["a"]);
  // Its own limit, and the one timer that woke it.
  expect(setTimer).toHaveBeenCalledTimes(2);
});

test("a retry waits for its turn, counts against the rate and goes before newcomers", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 2 });
  const first = quota.visit("first");
  const place = await first.entered;
  await place.turn();
  await passMs(30_000);
  await place.turn();
  quota.visit("newcomer");
  let isGranted = false;
  void place.turn().then(() => {
    isGranted = true;
  });
  await passMs(29_999);
  expect(isGranted).toBe(false);
  await passMs(1);
  expect(isGranted).toBe(true);
  expect(quota.inside).toEqual(["first"]);
  await passMs(30_000);
  expect(quota.inside).toEqual(["first", "newcomer"]);
  expect(first.positions).toEqual([]);
});

test("a retry that waits keeps its place: nobody is let in for it", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  const first = quota.visit("first");
  quota.visit("newcomer");
  await (await first.entered).turn();
  quota.pause(1_000);
  const retry = first.place?.turn();
  await passMs(1_000);
  await retry;
  expect(quota.inside).toEqual(["first"]);
});

test("a retry that waits too long is refused as overloaded", async () => {
  const quota = quotaUnderTest({ queueTimeoutMs: 500 });
  const first = quota.visit("first");
  await (await first.entered).turn();
  quota.pause(10_000);
  const retry = expect(first.place?.turn()).rejects.toMatchObject({
    code: "overloaded",
    retryAfterMs: 9_500,
  });
  await passMs(500);
  await retry;
  expectNoTrace(first);
});

test("a retry whose reader leaves is given up with the signal's reason, without a trace", async () => {
  const quota = quotaUnderTest();
  const first = quota.visit("first");
  await (await first.entered).turn();
  quota.pause(10_000);
  const retry = expect(first.place?.turn()).rejects.toBe("gone");
  first.leaving.abort("gone");
  await retry;
  expectNoTrace(first);
  expect(vi.getTimerCount()).toBe(0);
});

test("whoever comes, leaves, retries and gives up: no minute sees too many, nobody is forgotten", async () => {
  const requestsPerMinute = 7;
  const quota = quotaUnderTest({ requestsPerMinute, maxConcurrentStreams: 3, maxQueued: 20 });
  const random = randomOf(42);
  const sentAt: number[] = [];
  const ends: Promise<unknown>[] = [];
  for (let count = 0; count < 200; count += 1) {
    const one = quota.visit(`${count}`, `subject ${Math.floor(random() * 4)}`);
    if (random() < 0.2) setTimeout(() => one.leaving.abort("gone"), random() * 30_000);
    const tries = 1 + Math.floor(random() * 3);
    const [tokenMs, answerMs] = [random() * 5_000, random() * 10_000];
    ends.push(
      one.entered.then(
        async (place) => {
          await sleep(tokenMs);
          for (let attempt = 0; attempt < tries; attempt += 1) {
            await place.turn().then(
              () => sentAt.push(performance.now()),
              () => {
                // It left while its retry waited.
              },
            );
          }
          await sleep(answerMs);
          place.leave();
        },
        () => {
          // It left, or the queue was full.
        },
      ),
    );
    await passMs(random() * 3_000);
  }
  await passMs(3_600_000);
  await Promise.all(ends);
  expect(sentAt.length).toBeGreaterThan(50);
  for (const [index, time] of sentAt.entries()) {
    const before = sentAt[index - requestsPerMinute] ?? Number.NEGATIVE_INFINITY;
    expect(time - before).toBeGreaterThanOrEqual(60_000);
  }
  expect(vi.getTimerCount()).toBe(0);
});

function sleep(ms: number): Promise<void> {
  const { promise, resolve } = deferred();
  setTimeout(resolve, ms);
  return promise;
}

/** The same numbers from 0 up to 1 for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
