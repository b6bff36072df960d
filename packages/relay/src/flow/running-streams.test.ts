import { once } from "node:events";
import { expect, test } from "vitest";
import { isRelayError } from "../errors.ts";
import { createRunningStreams, type RunningStreams } from "./running-streams.ts";

const handle = { owner: "ada" };

/** Leaves as soon as it is ended. */
function enterObedient(running: RunningStreams, streamId: string) {
  const stream = running.enter(streamId, handle);
  stream.signal.addEventListener("abort", () => stream.leave(), { once: true });
  return stream;
}

test("a stream that runs is found by its id, with what it came with", () => {
  const running = createRunningStreams();
  const stream = running.enter("s-1", handle);
  expect(running.find("s-1")).toBe(stream);
  expect(stream.owner).toBe("ada");
  expect(stream.signal.aborted).toBe(false);
  stream.leave();
  expect(running.find("s-1")).toBeUndefined();
});

test("a stream that is ended is aborted, with the reason where there is one", () => {
  const running = createRunningStreams();
  const cancelled = running.enter("s-1", handle);
  cancelled.end();
  expect(cancelled.signal.aborted).toBe(true);
  expect(isRelayError(cancelled.signal.reason)).toBe(false);
  const reason = new Error("because");
  const other = running.enter("s-2", handle);
  other.end(reason);
  expect(other.signal.reason).toBe(reason);
});

test("with nothing running a drain is over at once", async () => {
  await createRunningStreams().drain(60_000);
});

test("a stream that ends within the grace is not disturbed", async () => {
  const running = createRunningStreams();
  const stream = running.enter("s-1", handle);
  const drained = running.drain(60_000);
  stream.leave();
  await drained;
  expect(stream.signal.aborted).toBe(false);
});

test("after the grace those that still run end with relay_draining", async () => {
  const running = createRunningStreams();
  const streams = ["s-1", "s-2"].map((streamId) => enterObedient(running, streamId));
  await running.drain(10);
  for (const { signal } of streams) {
    expect(signal.reason).toMatchObject({ code: "relay_draining", status: 503, retryable: true });
  }
});

test("a grace of 0 ends them at once", async () => {
  const running = createRunningStreams();
  const { signal } = enterObedient(running, "s-1");
  await running.drain(0);
  expect(signal.reason).toMatchObject({ code: "relay_draining" });
});

test("a drain waits for streams that need time to end", async () => {
  const running = createRunningStreams();
  const stream = running.enter("s-1", handle);
  let isOver = false;
  const ended = once(stream.signal, "abort").then(() => {
    setImmediate(() => {
      isOver = true;
      stream.leave();
    });
  });
  await running.drain(0);
  expect(isOver).toBe(true);
  await ended;
});

test("from the drain on streams are refused with relay_draining, also during the grace", async () => {
  const running = createRunningStreams();
  const stream = running.enter("s-1", handle);
  const drained = running.drain(60_000);
  expect(running.draining.aborted).toBe(true);
  expect(() => running.enter("s-2", handle)).toThrow("This relay is shutting down.");
  stream.leave();
  await drained;
  expect(() => running.enter("s-3", handle)).toThrow("This relay is shutting down.");
});

test("a drain lets readers hear how their streams ended, but not for ever", async () => {
  const running = createRunningStreams();
  const leave = running.visit();
  let isDrained = false;
  const drained = running.drain(0).then(() => {
    isDrained = true;
  });
  await new Promise(setImmediate);
  expect(isDrained).toBe(false);
  leave();
  await drained;

  const stuck = createRunningStreams();
  stuck.visit();
  await stuck.drain(0);
});

test("a drain that need not wait leaves no timer", async () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const running = createRunningStreams();
  const stream = running.enter("s-1", handle);
  const drained = running.drain(60_000);
  expect(timers()).toBe(before + 1);
  stream.leave();
  await drained;
  expect(timers()).toBe(before);
});

test("a drain waits within the grace for who still reads, though nothing runs any more", async () => {
  const running = createRunningStreams();
  const leave = running.visit();
  let isOver = false;
  const drained = running.drain(60_000).then(() => {
    isOver = true;
  });
  // Longer than it may take to hear how a stream ended.
  await new Promise((resolve) => {
    setTimeout(resolve, 1_100);
  });
  expect(isOver).toBe(false);
  leave();
  await drained;
});
