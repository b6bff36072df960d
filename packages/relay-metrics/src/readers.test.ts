import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { createReaderMetrics } from "./streams.ts";
import type { ObserverEvent, StreamPhase } from "@gatestream/relay/parts";
import { streamEnded, streamFailed } from "../../relay/src/observe/testing/stream-events.ts";

/** The exposition after `events`. */
async function after(...events: readonly ObserverEvent[]) {
  const registry = new Registry();
  const observe = createReaderMetrics(registry);
  for (const event of events) observe(event);
  return parseExposition(await registry.metrics());
}

const phases: StreamPhase[] = ["queue", "access_token", "handshake", "first_token", "answer"];

test("readers that leave are counted by the phase of their stream, each there with 0 at first", async () => {
  const leftIn = (phase: StreamPhase) => `gatestream_readers_left_total{phase="${phase}"}`;
  const before = await after();
  expect(phases.map((phase) => before.value(leftIn(phase)))).toEqual([0, 0, 0, 0, 0]);
  const { value } = await after(
    ...phases.flatMap((phase, at) =>
      Array.from({ length: at + 1 }, () =>
        streamEnded("s", { phase, ending: "cancelled", readerLeft: true }),
      ),
    ),
    streamEnded("s", { ending: "cancelled" }),
  );
  expect(phases.map((phase) => value(leftIn(phase)))).toEqual([1, 2, 3, 4, 5]);
});

test("a reader whom the relay gave up has not left", async () => {
  const { value } = await after(
    streamFailed("slow", "slow_consumer", { readerLeft: true }),
    streamFailed("drained", "relay_draining", { readerLeft: true }),
  );
  expect(value("gatestream_slow_readers_total")).toBe(1);
  expect(value('gatestream_readers_left_total{phase="answer"}')).toBe(0);
});

test("readers that reconnect are counted, and dropped readers of detached streams", async () => {
  const { value } = await after(
    { type: "reader_resumed", streamId: "s", requestId: "r-1", after: 5 },
    { type: "reader_resumed", streamId: "s", requestId: "r-2", after: 0 },
    { type: "reader_dropped", streamId: "s", requestId: "r-2" },
  );
  expect(value("gatestream_readers_resumed_total")).toBe(2);
  expect(value("gatestream_slow_readers_total")).toBe(1);
});
