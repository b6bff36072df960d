import { createMetrics } from "@gatestream/relay-metrics";
import { expect, onTestFinished, test } from "vitest";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { streamEnded, streamStarted } from "../../../relay/src/observe/testing/stream-events.ts";
import { createAggregateMetrics, type MetricsSource } from "./aggregate-metrics.ts";

interface WorkerUnderTest extends MetricsSource {
  hasEnded: boolean;
  askForValues: MetricsSource["askForValues"];
  /** Has a stream begin and end that took so long; without an end it goes on. */
  stream(durationMs?: number): void;
}

/** A worker in one process with the test. */
function startWorker(slot: number): WorkerUnderTest {
  const metrics = createMetrics();
  onTestFinished(() => metrics.close());
  let streams = 0;
  return {
    slot,
    hasEnded: false,
    askForValues: () => metrics.values(),
    stream(durationMs) {
      streams += 1;
      metrics.observe(streamStarted(`s-${streams}`));
      if (durationMs !== undefined) metrics.observe(streamEnded(`s-${streams}`, { durationMs }));
    },
  };
}

function openMetrics(count: number) {
  const metrics = createAggregateMetrics(count);
  onTestFinished(() => metrics.close());
  return {
    ...metrics,
    read: async (...workers: readonly MetricsSource[]) =>
      parseExposition(await metrics.text(workers)),
    end(worker: WorkerUnderTest) {
      worker.hasEnded = true;
      metrics.forget(worker);
    },
  };
}

const started = "gatestream_streams_started_total";
const seconds = "gatestream_stream_duration_seconds_sum";
const memory = "process_resident_memory_bytes";

test("before any worker listens the first process reports its own metrics", async () => {
  const { families } = await openMetrics(2).read();
  expect(families.map(({ name }) => name)).toContain(memory);
});

test("the first process is in the sum of the processes", async () => {
  const metrics = openMetrics(1);
  const before = process.memoryUsage.rss();
  const { value } = await metrics.read(startWorker(0));
  // Both are this one.
  expect(value(memory)).toBeGreaterThan(1.5 * before);
});

test("a worker that does not answer counts as it did", async () => {
  const metrics = openMetrics(2);
  const [one, other] = [startWorker(0), startWorker(1)];
  one.stream(1_000);
  expect((await metrics.read(one, other)).value(started)).toBe(1);
  one.askForValues = () => Promise.reject(new Error("too busy"));
  other.stream(1_000);
  expect((await metrics.read(one, other)).value(started)).toBe(2);
});

test("what dead workers counted is kept, and what their successors count is added", async () => {
  const metrics = openMetrics(1);
  for (let life = 1; life <= 3; life += 1) {
    const worker = startWorker(0);
    worker.stream(1_000);
    expect((await metrics.read(worker)).value(started)).toBe(life);
    metrics.end(worker);
    const { value, families } = await metrics.read();
    expect(value(started)).toBe(life);
    expect(families.map(({ name }) => name)).not.toContain("gatestream_active_streams");
  }
});

test("the gauges of a dead worker are dropped, and no other's", async () => {
  const metrics = openMetrics(2);
  const [one, other] = [startWorker(0), startWorker(1)];
  for (const worker of [one, one, other]) worker.stream();
  const active = async () => (await metrics.read(one, other)).value("gatestream_active_streams");
  expect(await active()).toBe(3);
  metrics.end(other);
  expect(await active()).toBe(2);
});

test("a worker that ends while it is asked counts once", async () => {
  const metrics = openMetrics(2);
  const [one, other] = [startWorker(0), startWorker(1)];
  one.stream(1_000);
  await metrics.read(one, other);
  const { askForValues } = other;
  other.askForValues = async () => {
    metrics.end(one);
    return await askForValues();
  };
  expect((await metrics.read(one, other)).value(started)).toBe(1);

  const last = startWorker(0);
  last.stream(1_000);
  const { askForValues: askLast } = last;
  last.askForValues = async () => {
    const values = await askLast();
    metrics.end(last);
    return values;
  };
  // It ended before its answer arrived: its values were never reported.
  expect((await metrics.read(last)).value(started)).toBe(1);
  expect((await metrics.read()).value(started)).toBe(1);
});

test("a sum never falls by a rounding when a worker dies", async () => {
  // 0.1 + 0.2 + 0.3 differs by its order.
  const metrics = openMetrics(3);
  const workers = [startWorker(0), startWorker(1), startWorker(2)];
  for (const [index, worker] of workers.entries()) worker.stream((index + 1) * 100);
  const before = (await metrics.read(...workers)).value(seconds);
  for (const worker of workers.toReversed()) {
    metrics.end(worker);
    expect((await metrics.read(...workers.filter((each) => !each.hasEnded))).value(seconds)).toBe(
      before,
    );
  }
});
