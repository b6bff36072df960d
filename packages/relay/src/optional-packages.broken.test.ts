import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { streamStarted } from "./observe/testing/stream-events.ts";
import { loadMetrics, loadTracing } from "./optional-packages.ts";

const fail = (): never => {
  throw new Error("Of another version.");
};
vi.mock("@gatestream/relay-metrics", () => ({ createMetrics: fail }));
vi.mock("@gatestream/relay-opentelemetry", () => ({ openTelemetry: fail }));

test("metrics that cannot be made fail the scrape alone", async () => {
  const metrics = loadMetrics();
  metrics.observe(streamStarted("s-1"));
  await expect(metrics.text()).rejects.toThrow("Of another version.");
  await metrics.close();
});

test("where tracing cannot begin, the caller's trace is passed on", async () => {
  const startTrace = loadTracing();
  await import("@gatestream/relay-opentelemetry");
  await turn();
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const stream = { streamId: "s-1", configurationId: "cfg-1", providerName: "genesys" };
  expect(startTrace(stream, { traceparent }).headers).toEqual({ traceparent });
});
