import { expect, test } from "vitest";
import { createStreams, type Streams } from "./streams.ts";

const owner = "ada";

/** A stream, and the reasons that it was ended with. */
function enter(streams: Streams, streamId: string) {
  const stream = streams.enter({ streamId, owner });
  const endings: unknown[] = [];
  stream.whenEnded((reason) => endings.push(reason));
  return { stream, endings };
}

/** One that leaves as soon as it is ended. */
function enterObedient(streams: Streams, streamId: string) {
  const entered = enter(streams, streamId);
  const { stream, endings } = entered;
  stream.whenEnded((reason) => {
    endings.push(reason);
    stream.leave();
  });
  return entered;
}

test("a stream that runs is found by its id, with what it came with", () => {
  const streams = createStreams();
  const stream = streams.enter({ streamId: "s-1", owner });
  expect(streams.find("s-1")).toBe(stream);
  expect(stream.owner).toBe("ada");
  stream.leave();
  expect(streams.find("s-1")).toBeUndefined();
});

test("a stream is ended once, with the reason where there is one, also before anybody listens", () => {
  const streams = createStreams();
  const { stream, endings } = enter(streams, "s-1");
  stream.end();
  stream.end(new Error("later"));
  expect(endings).toEqual([undefined]);
  const reason = new Error("because");
  const other = streams.enter({ streamId: "s-2", owner });
  other.end(reason);
  const reasons: unknown[] = [];
  other.whenEnded((given) => reasons.push(given));
  expect(reasons).toEqual([reason]);
});

test("the readers of a stream whose log failed are cut off, but for those that have left", () => {
  const stream = createStreams().enter({ streamId: "s-1", owner });
  const cut: string[] = [];
  stream.addReader(() => cut.push("stays"));
  stream.addReader(() => cut.push("left"))();
  stream.cutReaders();
  expect(cut).toEqual(["stays"]);
});

test("that it drains is called once, at once where it does already, and not once removed", async () => {
  const streams = createStreams();
  const called: string[] = [];
  streams.whenDraining(() => called.push("early"));
  streams.whenDraining(() => called.push("removed"))();
  await streams.drain(0);
  streams.whenDraining(() => called.push("late"));
  await streams.drain(0);
  expect(called).toEqual(["early", "late"]);
});

test("with nothing running a drain is over at once", async () => {
  await createStreams().drain(60_000);
});

test("a stream that ends within the grace is not disturbed", async () => {
  const streams = createStreams();
  const { stream, endings } = enter(streams, "s-1");
  const drained = streams.drain(60_000);
  stream.leave();
  await drained;
  expect(endings).toEqual([]);
});

test("after the grace those that still run end with relay_draining", async () => {
  const streams = createStreams();
  const entered = ["s-1", "s-2"].map((streamId) => enterObedient(streams, streamId));
  await streams.drain(10);
  for (const { endings } of entered) {
    expect(endings).toMatchObject([{ code: "relay_draining", status: 503, retryable: true }]);
  }
});

test("a grace of 0 ends them at once", async () => {
  const streams = createStreams();
  const { endings } = enterObedient(streams, "s-1");
  await streams.drain(0);
  expect(endings).toMatchObject([{ code: "relay_draining" }]);
});

test("a drain waits for streams that need time to end", async () => {
  const streams = createStreams();
  const stream = streams.enter({ streamId: "s-1", owner });
  let isOver = false;
  stream.whenEnded(() =>
    setImmediate(() => {
      isOver = true;
      stream.leave();
    }),
  );
  await streams.drain(0);
  expect(isOver).toBe(true);
});

test("from the drain on streams are refused with relay_draining, also during the grace", async () => {
  const streams = createStreams();
  const stream = streams.enter({ streamId: "s-1", owner });
  const drained = streams.drain(60_000);
  expect(streams.isDraining).toBe(true);
  expect(() => streams.enter({ streamId: "s-2", owner })).toThrow("This relay is shutting down.");
  stream.leave();
  await drained;
  expect(() => streams.enter({ streamId: "s-3", owner })).toThrow("This relay is shutting down.");
});

test("a drain lets readers get the ends of their streams, but not for ever", async () => {
  const streams = createStreams();
  const leave = streams.visit();
  let isDrained = false;
  const drained = streams.drain(0).then(() => {
    isDrained = true;
  });
  await new Promise(setImmediate);
  expect(isDrained).toBe(false);
  leave();
  await drained;

  const stuck = createStreams();
  stuck.visit();
  await stuck.drain(0);
});

test("a drain that need not wait leaves no timer", async () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const streams = createStreams();
  const stream = streams.enter({ streamId: "s-1", owner });
  const drained = streams.drain(60_000);
  expect(timers()).toBe(before + 1);
  stream.leave();
  await drained;
  expect(timers()).toBe(before);
});

test("a drain waits within the grace for who still reads, though nothing runs any more", async () => {
  const streams = createStreams();
  const leave = streams.visit();
  let isOver = false;
  const drained = streams.drain(60_000).then(() => {
    isOver = true;
  });
  // Longer than the end of a stream takes to arrive.
  await new Promise((resolve) => {
    setTimeout(resolve, 1_100);
  });
  expect(isOver).toBe(false);
  leave();
  await drained;
});
