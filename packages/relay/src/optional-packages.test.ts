import { expect, onTestFinished, test } from "vitest";
import { parseExposition } from "../test/parse-exposition.ts";
import { loadMetrics } from "./optional-packages.ts";
import { streamEnded, streamStarted } from "./observe/testing/stream-events.ts";

test("what happens before the package is loaded is counted too", async () => {
  const metrics = loadMetrics();
  onTestFinished(() => metrics.close());
  metrics.observe(streamStarted("s-1"));
  metrics.observe(streamStarted("s-2"));
  const read = async () => parseExposition((await metrics.text()) ?? "");
  expect((await read()).value("gatestream_active_streams")).toBe(2);
  metrics.observe(streamEnded("s-1"));
  expect((await read()).value("gatestream_active_streams")).toBe(1);
  expect((await read()).value("gatestream_streams_started_total")).toBe(2);
});
