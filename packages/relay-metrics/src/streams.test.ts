import { errorTable, type ErrorCode } from "@gatestream/protocol";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { RelayError, type StreamEnded } from "@gatestream/relay/parts";
import { createStreamMetrics } from "./streams.ts";
import {
  phaseBegun,
  streamEnded,
  streamFailed,
  streamStarted,
} from "../../relay/src/observe/testing/stream-events.ts";

function streamMetrics() {
  const registry = new Registry();
  const observe = createStreamMetrics(registry);
  return { observe, read: async () => parseExposition(await registry.metrics()) };
}

test("a stream is active from its start to its end, and queued while it waits for its turn", async () => {
  const { observe, read } = streamMetrics();
  const gauges = async () => {
    const { value } = await read();
    return [value("gatestream_active_streams"), value("gatestream_queued_streams")];
  };
  observe(streamStarted("a"));
  observe(streamStarted("b"));
  expect(await gauges()).toEqual([2, 0]);
  observe(phaseBegun("a", "queue"));
  observe(phaseBegun("b", "queue"));
  expect(await gauges()).toEqual([2, 2]);
  observe(phaseBegun("a", "access_token"));
  expect(await gauges()).toEqual([2, 1]);
  // A try that failed may have to queue again.
  observe(phaseBegun("a", "queue"));
  expect(await gauges()).toEqual([2, 2]);
  observe(phaseBegun("a", "handshake"));
  observe({ type: "upstream_answered", streamId: "b", attempts: 1 });
  expect(await gauges()).toEqual([2, 0]);
  observe(phaseBegun("b", "queue"));
  observe(streamEnded("b"));
  expect(await gauges()).toEqual([1, 0]);
  observe(streamEnded("a"));
  expect(await gauges()).toEqual([0, 0]);
  expect((await read()).value("gatestream_streams_started_total")).toBe(2);
});

test("events of an unknown stream, or that come twice or too late, change no gauge", async () => {
  const { observe, read } = streamMetrics();
  observe(phaseBegun("unknown", "queue"));
  observe(phaseBegun("unknown", "handshake"));
  observe({ type: "upstream_answered", streamId: "unknown", attempts: 1 });
  observe(streamEnded("unknown"));
  observe(streamStarted("silent"));
  observe(streamEnded("silent"));
  observe(streamEnded("silent"));
  observe(phaseBegun("silent", "queue"));
  const { value } = await read();
  expect(value("gatestream_active_streams")).toBe(0);
  expect(value("gatestream_queued_streams")).toBe(0);
});

/** The series of ended streams that are not 0, as `ending code`. */
async function endings(read: ReturnType<typeof streamMetrics>["read"]) {
  const { families } = await read();
  const ended = families.find(({ name }) => name === "gatestream_streams_ended_total");
  return (ended?.samples ?? []).map(({ labels: { ending, code }, value }) => ({
    what: `${ending} ${code}`.trim(),
    value,
  }));
}

const errorCodes = Object.keys(errorTable) as ErrorCode[];
const knownEndings = ["stop", "eof", "length", "cancelled", "abandoned", "other"].concat(
  errorCodes.map((code) => `error ${code}`),
);

test("every ending that can be is there with 0 from the start", async () => {
  const { read } = streamMetrics();
  expect(await endings(read)).toEqual(knownEndings.map((what) => ({ what, value: 0 })));
});

test.each<[string, StreamEnded]>([
  ["stop", streamEnded("s", { ending: "stop" })],
  ["eof", streamEnded("s", { ending: "eof" })],
  ["length", streamEnded("s", { ending: "length" })],
  ["cancelled", streamEnded("s", { ending: "cancelled" })],
  ["abandoned", streamEnded("s", { ending: "abandoned" })],
  ["other", streamEnded("s", { ending: "content_filter" })],
  ["other", streamEnded("s", { ending: "__proto__" })],
  ["other", streamEnded("s", { ending: "error" })],
  ["other", streamEnded("s", { ending: "" })],
  // A log that fails cannot take a terminal event; the error is known all the same.
  [
    "error internal_error",
    streamEnded("s", { ending: "", error: new RelayError("internal_error", "No log.") }),
  ],
  ...errorCodes.map((code): [string, StreamEnded] => [`error ${code}`, streamFailed("s", code)]),
])("an ending counts as %s: %o", async (what, event) => {
  const { observe, read } = streamMetrics();
  observe(event);
  expect((await endings(read)).filter(({ value }) => value !== 0)).toEqual([{ what, value: 1 }]);
});
