import { expect, onTestFinished, test } from "vitest";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import {
  onlyCounts,
  sumMetricValues,
  formatMetricValues,
  type MetricValues,
} from "./metric-values.ts";
import { createMetrics } from "./metrics.ts";
import {
  phaseBegun,
  streamEnded,
  streamFailed,
  streamStarted,
} from "../../relay/src/observe/testing/stream-events.ts";

/** A relay with one stream that runs, in the queue, and one that has ended. */
function openMetrics() {
  const metrics = createMetrics({ version: "1.2.3" });
  onTestFinished(() => metrics.close());
  metrics.observe(streamStarted("s-1"));
  metrics.observe(phaseBegun("s-1", "queue"));
  metrics.observe(streamStarted("s-2"));
  metrics.observe(streamEnded("s-2", { durationMs: 4_000 }));
  return metrics;
}

/** As it comes out of a channel between processes. */
async function sent(metrics: { values(): Promise<MetricValues> }): Promise<MetricValues> {
  return JSON.parse(JSON.stringify(await metrics.values()));
}

test("two relays are summed up: what runs, what was counted, and every bucket", async () => {
  const [one, other] = [openMetrics(), openMetrics()];
  other.observe(streamFailed("s-3", "gateway_timeout", { durationMs: 400 }));
  const { value } = parseExposition(await formatMetricValues([await sent(one), await sent(other)]));
  expect(value("gatestream_active_streams")).toBe(2);
  expect(value("gatestream_queued_streams")).toBe(2);
  expect(value("gatestream_streams_started_total")).toBe(4);
  expect(value('gatestream_streams_ended_total{ending="stop",code=""}')).toBe(2);
  expect(value('gatestream_stream_duration_seconds_bucket{le="0.5"}')).toBe(1);
  expect(value('gatestream_stream_duration_seconds_bucket{le="+Inf"}')).toBe(3);
  expect(value("gatestream_stream_duration_seconds_sum")).toBe(8.4);
});

test("the sum has the metrics of one relay, in their order, with the same words", async () => {
  const metrics = openMetrics();
  const { families } = parseExposition(await metrics.text());
  const values = await sent(metrics);
  const summed = parseExposition(await formatMetricValues([values, values]));
  const words = (family: (typeof families)[number]) => ({
    ...family,
    samples: family.samples.map(({ name, labels }) => ({ name, labels })),
  });
  expect(summed.families.map(words)).toEqual(families.map(words));
});

test("the version is reported once, and of the event loop delays the worst", async () => {
  const [one, other] = [await sent(openMetrics()), await sent(openMetrics())];
  const delays = [one, other].map((values, index) =>
    values.map((metric) =>
      metric.name === "gatestream_event_loop_delay_seconds"
        ? { ...metric, values: metric.values.map((each) => ({ ...each, value: index + 1 })) }
        : metric,
    ),
  );
  const { value } = parseExposition(await formatMetricValues(delays));
  expect(value(`gatestream_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1);
  for (const statistic of ["p50", "p99", "max"]) {
    expect(value(`gatestream_event_loop_delay_seconds{statistic="${statistic}"}`)).toBe(2);
  }
});

test("of a process that has ended the counts are left", async () => {
  const metrics = openMetrics();
  const kept = onlyCounts(await sent(metrics));
  const names = parseExposition(await formatMetricValues([kept])).families.map(({ type }) => type);
  expect(new Set(names)).toEqual(new Set(["counter", "histogram"]));
  const { families } = parseExposition(await metrics.text());
  expect(names).toHaveLength(families.filter(({ type }) => type !== "gauge").length);
});

test("sums can be summed up again, and nothing is the sum of nothing", async () => {
  const values = await sent(openMetrics());
  const twice = await sumMetricValues([values, values]);
  const { value } = parseExposition(
    await formatMetricValues([await sumMetricValues([]), twice, values]),
  );
  expect(value("gatestream_streams_started_total")).toBe(6);
});
