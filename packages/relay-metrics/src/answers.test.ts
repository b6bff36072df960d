import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { createAnswerMetrics } from "./streams.ts";
import type { ObserverEvent, StreamPhase } from "@gatestream/relay/parts";
import {
  phaseBegun,
  streamEnded,
  streamStarted,
} from "../../relay/src/observe/testing/stream-events.ts";

/** The exposition after `events`. */
async function after(...events: readonly ObserverEvent[]) {
  const registry = new Registry();
  const observe = createAnswerMetrics(registry);
  for (const event of events) observe(event);
  return parseExposition(await registry.metrics());
}

const histograms = [
  "first_token",
  "queue_wait",
  "access_token_wait",
  "handshake",
  "stream_duration",
];

test("times are reported in seconds, once, at the end of the stream", async () => {
  const { value } = await after(
    streamStarted("s"),
    phaseBegun("s", "queue"),
    { type: "upstream_answered", streamId: "s", attempts: 1 },
    streamEnded("s", {
      queueMs: 20,
      accessTokenMs: 70,
      handshakeMs: 800,
      firstTokenMs: 1_600,
      durationMs: 12_000,
    }),
  );
  const reported = (name: string) => [
    value(`gatestream_${name}_seconds_sum`),
    value(`gatestream_${name}_seconds_count`),
  ];
  expect(Object.fromEntries(histograms.map((name) => [name, reported(name)]))).toEqual({
    queue_wait: [0.02, 1],
    access_token_wait: [0.07, 1],
    handshake: [0.8, 1],
    first_token: [1.6, 1],
    stream_duration: [12, 1],
  });
  expect(value('gatestream_first_token_seconds_bucket{le="1.5"}')).toBe(0);
  expect(value('gatestream_first_token_seconds_bucket{le="2"}')).toBe(1);
});

test.each<[string, string, string]>([
  ["first_token", "0.05", "60"],
  ["queue_wait", "0.005", "120"],
  ["access_token_wait", "0.005", "120"],
  ["handshake", "0.005", "120"],
  ["stream_duration", "0.25", "900"],
])("the bounds of %s go from %s to %s seconds, all at 0 at first", async (name, least, most) => {
  const { families, value } = await after();
  const family = families.find((one) => one.name === `gatestream_${name}_seconds`);
  const bounds = (family?.samples ?? []).flatMap(({ labels }) => labels["le"] ?? []);
  expect([bounds[0], bounds.at(-2)]).toEqual([least, most]);
  expect(bounds.length).toBeLessThan(20);
  expect(value(`gatestream_${name}_seconds_count`)).toBe(0);
});

test.each<[StreamPhase, string[]]>([
  ["queue", ["queue_wait"]],
  ["access_token", ["queue_wait", "access_token_wait"]],
  ["handshake", ["queue_wait", "access_token_wait", "handshake"]],
  ["first_token", ["queue_wait", "access_token_wait", "handshake"]],
  ["answer", ["queue_wait", "access_token_wait", "handshake"]],
])("a stream without tokens that ends in %s counts in %j", async (phase, expected) => {
  const { firstTokenMs: _, ...ended } = streamEnded("s", { phase });
  const { value } = await after(ended);
  const counting = histograms.filter((name) => value(`gatestream_${name}_seconds_count`) === 1);
  expect(counting).toEqual([...expected, "stream_duration"]);
});

test("usage adds up by direction and configuration", async () => {
  const { value } = await after(
    streamEnded("a", { usage: { inputTokens: 7, outputTokens: 2 } }),
    streamEnded("b", { usage: { inputTokens: 1, outputTokens: 1, isEstimate: true } }),
    streamEnded("c", { configurationId: "cfg-2", usage: { outputTokens: 5 } }),
    streamEnded("d"),
  );
  const usage = (direction: string, configuration: string) =>
    value(
      `gatestream_usage_tokens_total{direction="${direction}",configuration="${configuration}"}`,
    );
  expect([usage("input", "cfg-1"), usage("output", "cfg-1")]).toEqual([8, 3]);
  expect([usage("input", "cfg-2"), usage("output", "cfg-2")]).toEqual([0, 5]);
  expect([usage("input", "other"), usage("output", "other")]).toEqual([0, 0]);
});

test("of many configurations only the first have labels of their own", async () => {
  const ended = Array.from({ length: 60 }, (_, index) =>
    streamEnded("s", { configurationId: `cfg-${index}`, usage: { inputTokens: 1 } }),
  );
  const { families, value } = await after(...ended, ...ended);
  const family = families.find(({ name }) => name === "gatestream_usage_tokens_total");
  expect(family?.samples).toHaveLength(2 * 51);
  const of = (configuration: string) =>
    value(`gatestream_usage_tokens_total{direction="input",configuration="${configuration}"}`);
  expect([of("cfg-0"), of("cfg-49"), of("other")]).toEqual([2, 2, 20]);
  expect(() => of("cfg-50")).toThrow("There is no series");
});

test("tokens and skipped lines add up", async () => {
  const { value } = await after(
    streamEnded("a", { tokens: 7, warnings: 2 }),
    streamEnded("b", { tokens: 0, warnings: 0 }),
    streamEnded("c", { tokens: 30, warnings: 1 }),
  );
  expect(value("gatestream_tokens_total")).toBe(37);
  expect(value("gatestream_skipped_lines_total")).toBe(3);
});
