import { once } from "node:events";
import { expect, test } from "vitest";
import { isRelayError } from "../errors.ts";
import { createRunningStreams } from "./running-streams.ts";

/** A stream that runs until it is ended, or until `finish`. */
function openStream() {
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let reason: unknown;
  const stream = async (ending: AbortSignal): Promise<void> => {
    await Promise.race([finished, once(ending, "abort")]);
    reason = ending.reason;
  };
  return { stream, finish, reason: () => reason };
}

test("a stream runs with a signal that nobody has aborted", async () => {
  let wasAborted: boolean | undefined;
  await createRunningStreams().run(async ({ aborted }) => {
    wasAborted = aborted;
  });
  expect(wasAborted).toBe(false);
});

test("what a stream throws is thrown, and it counts as over", async () => {
  const running = createRunningStreams();
  const boom = new Error("boom");
  await expect(running.run(() => Promise.reject(boom))).rejects.toBe(boom);
  await running.drain(60_000);
});

test("with nothing running a drain is over at once", async () => {
  await createRunningStreams().drain(60_000);
});

test("a stream that ends within the grace is not disturbed", async () => {
  const running = createRunningStreams();
  const { stream, finish, reason } = openStream();
  const run = running.run(stream);
  const drained = running.drain(60_000);
  finish();
  await Promise.all([run, drained]);
  expect(reason()).toBeUndefined();
});

test("after the grace those that still run end with relay_draining", async () => {
  const running = createRunningStreams();
  const streams = [openStream(), openStream()];
  const runs = streams.map(({ stream }) => running.run(stream));
  await running.drain(10);
  await Promise.all(runs);
  for (const { reason } of streams) {
    expect(isRelayError(reason())).toBe(true);
    expect(reason()).toMatchObject({ code: "relay_draining", status: 503, retryable: true });
  }
});

test("a grace of 0 ends them at once", async () => {
  const running = createRunningStreams();
  const { stream, reason } = openStream();
  const run = running.run(stream);
  await running.drain(0);
  await run;
  expect(reason()).toMatchObject({ code: "relay_draining" });
});

test("a drain waits for streams that need time to end", async () => {
  const running = createRunningStreams();
  let isOver = false;
  const run = running.run(async (ending) => {
    await once(ending, "abort");
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    isOver = true;
  });
  await running.drain(0);
  expect(isOver).toBe(true);
  await run;
});

test("from the drain on new streams are refused with relay_draining, also during the grace", async () => {
  const running = createRunningStreams();
  const { stream, finish } = openStream();
  const run = running.run(stream);
  const drained = running.drain(60_000);
  await expect(running.run(async () => {})).rejects.toMatchObject({ code: "relay_draining" });
  finish();
  await Promise.all([run, drained]);
  await expect(running.run(async () => {})).rejects.toMatchObject({ code: "relay_draining" });
});

test("a drain that need not wait leaves no timer", async () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const running = createRunningStreams();
  const { stream, finish } = openStream();
  const run = running.run(stream);
  const drained = running.drain(60_000);
  expect(timers()).toBe(before + 1);
  finish();
  await Promise.all([run, drained]);
  expect(timers()).toBe(before);
});
