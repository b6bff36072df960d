import { expect, test, vi } from "vitest";
import { deferred } from "../../testing/deferred.ts";
import {
  expectNoTrace,
  holdClock,
  passMs,
  quotaUnderTest,
  settled,
  type Visit,
} from "../testing/quota-under-test.ts";

holdClock();

test("a request with a free slot starts at once, without a queue position", async () => {
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
  first?.permit?.release();
  await settled();
  expect(quota.inside).toEqual(["a", "b", "c"]);
});

test("leaving twice gives the place back once", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  const [first] = ["a", "b", "c"].map((name) => quota.visit(name));
  await settled();
  first?.permit?.release();
  first?.permit?.release();
  await settled();
  expect(quota.inside).toEqual(["a", "b"]);
});

test("each gets its position at once, its changes within a second, and 0 when it is its turn", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  const visits = ["a", "b", "c", "d"].map((name) => quota.visit(name));
  for (const one of visits.slice(0, 3)) {
    await passMs(1_000);
    one.permit?.release();
  }
  await settled();
  expect(visits.map(({ positions }) => positions)).toEqual([[], [1, 0], [2, 1, 0], [3, 2, 1, 0]]);
});

test("subjects are served in turns, and get a new position when another's turn pushes them back", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  const first = quota.visit("first", "alice");
  const [, second] = [quota.visit("a1", "alice"), quota.visit("a2", "alice")];
  const other = quota.visit("b1", "bob");
  await passMs(1_000);
  expect(second?.positions).toEqual([2, 3]);
  expect(other.positions).toEqual([2]);
  first.permit?.release();
  await passMs(1_000);
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
  await Promise.all(early.map((one) => one.permit?.turn()));
  await passMs(59_999);
  expect(quota.inside).toEqual(["a", "b"]);
  await passMs(1);
  expect(quota.inside).toEqual(["a", "b", "c"]);
});

test("a request that leaves before sending anything returns its slot", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 1 });
  const first = quota.visit("a");
  quota.visit("b");
  await settled();
  expect(quota.inside).toEqual(["a"]);
  first.permit?.release();
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
  // No spy: at the end of the file it would put the held clock's timer back.
  const setTimer = vi.fn(globalThis.setTimeout);
  Object.assign(globalThis, { setTimeout: setTimer });
  quota.pause(1e12);
  quota.visit("a");
  await passMs(60_000);
  expect(quota.inside).toEqual(["a"]);
  // Its own limit, the one timer that woke it, and the one for positions.
  expect(setTimer).toHaveBeenCalledTimes(3);
});

test("a retry waits for its turn, counts against the rate and goes before newcomers", async () => {
  const quota = quotaUnderTest({ requestsPerMinute: 2 });
  const first = quota.visit("first");
  const permit = await first.entered;
  await permit.turn();
  await passMs(30_000);
  await permit.turn();
  quota.visit("newcomer");
  let isGranted = false;
  void permit.turn().then(() => {
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

test("a waiting retry keeps its slot: no other request is admitted for it", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  const first = quota.visit("first");
  quota.visit("newcomer");
  await (await first.entered).turn();
  quota.pause(1_000);
  const retry = first.permit?.turn();
  await passMs(1_000);
  await retry;
  expect(quota.inside).toEqual(["first"]);
});

test("a retry that waits too long is refused as overloaded", async () => {
  const quota = quotaUnderTest({ queueTimeoutMs: 500 });
  const first = quota.visit("first");
  await (await first.entered).turn();
  quota.pause(10_000);
  const retry = expect(first.permit?.turn()).rejects.toMatchObject({
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
  const retry = expect(first.permit?.turn()).rejects.toBe("gone");
  first.leaving.abort("gone");
  await retry;
  expectNoTrace(first);
  expect(vi.getTimerCount()).toBe(0);
});

const ofTwo = { configurationId: "cfg-2" };

test("a refused configuration is paused, and the others go on", async () => {
  const quota = quotaUnderTest();
  const [first, running] = [quota.visit("first"), quota.visit("running")];
  await settled();
  first.permit?.refused(10_000);
  quota.visit("waits");
  quota.visit("other", "", ofTwo);
  await passMs(9_999);
  expect(quota.inside).toEqual(["first", "running", "other"]);
  // An answer to a request that was on its way ends no pause.
  running.permit?.answered();
  await settled();
  expect(quota.inside).toEqual(["first", "running", "other"]);
  await passMs(1);
  expect(quota.inside).toEqual(["first", "running", "other", "waits"]);
});

test("after a pause one request probes; the others follow once it is answered", async () => {
  const quota = quotaUnderTest();
  const first = quota.visit("first");
  await settled();
  first.permit?.refused(1_000);
  const [probe] = ["probe", "b", "c"].map((name) => quota.visit(name));
  await passMs(30_000);
  expect(quota.inside).toEqual(["first", "probe"]);
  probe?.permit?.answered();
  await settled();
  expect(quota.inside).toEqual(["first", "probe", "b", "c"]);
});

test("a probe that is refused pauses its configuration again", async () => {
  const quota = quotaUnderTest();
  const first = quota.visit("first");
  await settled();
  first.permit?.refused(1_000);
  const [probe] = ["probe", "b"].map((name) => quota.visit(name));
  await passMs(1_000);
  probe?.permit?.refused(5_000);
  await passMs(4_999);
  expect(quota.inside).toEqual(["first", "probe"]);
  await passMs(1);
  expect(quota.inside).toEqual(["first", "probe", "b"]);
});

test("when a probe leaves without an answer, the next probes", async () => {
  const quota = quotaUnderTest();
  const first = quota.visit("first");
  await settled();
  first.permit?.refused(1_000);
  const [probe] = ["probe", "b", "c"].map((name) => quota.visit(name));
  await passMs(1_000);
  probe?.permit?.release();
  await settled();
  expect(quota.inside).toEqual(["first", "probe", "b"]);
});

test("a configuration is paused for a minute at most, whatever Retry-After says", async () => {
  const quota = quotaUnderTest();
  const first = quota.visit("first");
  await settled();
  first.permit?.refused(3_600_000);
  quota.visit("probe");
  await passMs(59_999);
  expect(quota.inside).toEqual(["first"]);
  await passMs(1);
  expect(quota.inside).toEqual(["first", "probe"]);
});

test("a retry of a refused configuration waits for its pause", async () => {
  const quota = quotaUnderTest();
  const first = quota.visit("first");
  const permit = await first.entered;
  await permit.turn();
  permit.refused(1_000);
  let isGranted = false;
  void permit.turn().then(() => {
    isGranted = true;
  });
  await passMs(999);
  expect(isGranted).toBe(false);
  await passMs(1);
  expect(isGranted).toBe(true);
});

test("a thousand that leave in one turn cost the others one notice each", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1, maxQueued: 2_000 });
  quota.visit("in");
  const leaving = Array.from({ length: 1_000 }, (_, index) => quota.visit(`l${index}`, "alice"));
  const staying = Array.from({ length: 100 }, (_, index) => quota.visit(`s${index}`, "alice"));
  await passMs(1_000);
  for (const { leaving: reader } of leaving) reader.abort("gone");
  await passMs(10_000);
  expect(leaving.map(({ positions }) => positions.length)).toEqual(leaving.map(() => 1));
  expect(staying.map(({ positions }) => positions)).toEqual(
    staying.map((_, index) => [1_001 + index, 1 + index]),
  );
});

test("a position is reported at most once a second, however often it changes", async () => {
  const quota = quotaUnderTest({ maxConcurrentStreams: 1 });
  quota.visit("in");
  const ahead = Array.from({ length: 20 }, (_, index) => quota.visit(`a${index}`));
  const last = quota.visit("last");
  for (const { leaving } of ahead) {
    leaving.abort("gone");
    await passMs(100);
  }
  await passMs(1_000);
  // At once, after one second and after two.
  expect(last.positions).toEqual([21, 11, 1]);
});

test("requests come, leave, retry and give up: the limit per minute holds, and none is forgotten", async () => {
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
        async (permit) => {
          await sleep(tokenMs);
          for (let attempt = 0; attempt < tries; attempt += 1) {
            await permit.turn().then(
              () => sentAt.push(performance.now()),
              () => {
                // It left while its retry waited.
              },
            );
          }
          await sleep(answerMs);
          permit.release();
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
