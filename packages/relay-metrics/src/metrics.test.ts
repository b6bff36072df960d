import { register } from "prom-client";
import { expect, test } from "vitest";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { createMetrics, type MetricsOptions } from "./metrics.ts";
import {
  phaseBegun,
  streamEnded,
  streamFailed,
  streamStarted,
} from "../../relay/src/observe/testing/stream-events.ts";

function openMetrics(options?: MetricsOptions) {
  const metrics = createMetrics(options);
  return {
    ...metrics,
    read: async () => parseExposition(await metrics.text()),
    [Symbol.dispose]: () => metrics.close(),
  };
}

/** The names and labels of all series. */
function seriesIn(text: string): string[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => line.slice(0, line.lastIndexOf(" ")));
}

test("the text is in Prometheus' format, before the first stream and after some", async () => {
  using metrics = openMetrics();
  expect(metrics.contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  const { families } = await metrics.read();
  expect(families.length).toBeGreaterThan(15);
  for (const { help } of families) expect(help).toMatch(/^[A-Z].*\.$/);

  metrics.observe(streamStarted("s-1"));
  metrics.observe(streamEnded("s-1"));
  metrics.observe(streamFailed("s-2", "gateway_timeout", { durationMs: 900_001 }));
  const { value } = await metrics.read();
  expect(value("gatestream_stream_duration_seconds_count")).toBe(2);
  expect(value('gatestream_stream_duration_seconds_bucket{le="900"}')).toBe(1);
});

test("a version with quotes and line breaks is escaped", async () => {
  using metrics = openMetrics({ version: '1.2.3-"a\\b"\n' });
  const { value } = await metrics.read();
  const node = process.version;
  expect(value(`gatestream_build_info{node="${node}",version="1.2.3-\\"a\\\\b\\"\\n"}`)).toBe(1);
});

test("a version that is not given is unknown", async () => {
  using metrics = openMetrics();
  const { value } = await metrics.read();
  expect(value(`gatestream_build_info{node="${process.version}",version="unknown"}`)).toBe(1);
});

test("two relays in one process count apart, and nothing is on the global registry", async () => {
  using one = openMetrics();
  using other = openMetrics();
  one.observe(streamStarted("s-1"));
  expect((await one.read()).value("gatestream_streams_started_total")).toBe(1);
  expect((await other.read()).value("gatestream_streams_started_total")).toBe(0);
  expect(register.getMetricsAsArray()).toEqual([]);
});

test("ten thousand streams of as many kinds leave nothing behind but counts", async () => {
  using metrics = openMetrics();
  const before = seriesIn(await metrics.text());
  for (let number = 0; number < 10_000; number += 1) {
    const streamId = `s-${number}`;
    metrics.observe({
      ...streamStarted(streamId),
      subject: `user-${number}`,
      configurationId: `cfg-${number}`,
    });
    metrics.observe(phaseBegun(streamId, "queue"));
    if (number % 2 === 0) metrics.observe(phaseBegun(streamId, "access_token"));
    metrics.observe(streamEnded(streamId, { ending: `reason-${number}` }));
    // What comes late opens nothing again.
    metrics.observe(phaseBegun(streamId, "queue"));
  }
  const text = await metrics.text();
  const { value } = parseExposition(text);
  expect(seriesIn(text)).toEqual(before);
  expect(value("gatestream_active_streams")).toBe(0);
  expect(value("gatestream_queued_streams")).toBe(0);
  expect(value('gatestream_streams_ended_total{ending="other",code=""}')).toBe(10_000);
});

test("what was counted can be read after close, which may be called twice", async () => {
  using metrics = openMetrics();
  metrics.observe(streamStarted("s-1"));
  metrics.close();
  metrics.close();
  metrics.observe(streamStarted("s-2"));
  expect((await metrics.read()).value("gatestream_streams_started_total")).toBe(2);
});
