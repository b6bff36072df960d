import { eventuallyTrue } from "@gatestream/testing/eventually";
import { expect, onTestFinished, test } from "vitest";
import { registerHostTracing } from "../../relay-opentelemetry/src/testing/host-tracing.ts";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { ampleSettings, underTest } from "./gateway/testing/provider-under-test.ts";
import { startEmulator } from "./gateway/testing/start-emulator.ts";
import { loadMetrics, loadProvider, loadTracing } from "./optional-packages.ts";
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

test("streams are traced from when the package for it is loaded; before, the caller's trace is passed on", async () => {
  const { spans } = registerHostTracing();
  const startTrace = loadTracing();
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const stream = { streamId: "s-1", configurationId: "cfg-1", providerName: "genesys" };
  expect(startTrace(stream, { traceparent }).headers).toEqual({ traceparent });
  await eventuallyTrue(
    () => startTrace(stream, { traceparent }).headers["traceparent"] !== traceparent,
  );
  startTrace(stream, { traceparent }).notify(streamEnded("s-1"));
  expect(spans()).toHaveLength(1);
});

test("what is asked before the provider's package is loaded is asked then, unless it is given up", async () => {
  const { kinds, url } = await startEmulator();
  const options = { baseUrl: `${url}/v1`, apiKey: "demo-key" };
  const provider = underTest(
    loadProvider("openai", (part) => part.createOpenaiProvider(options, ampleSettings)),
  );
  const leaving = new AbortController();
  const left = provider.open({ signal: leaving.signal });
  const asked = provider.ask();
  leaving.abort("gone");
  await expect(left).rejects.toBe("gone");
  const { events, failure } = await asked;
  expect(failure).toBeUndefined();
  expect(events.at(-1)).toMatchObject({ type: "stop" });
  expect(kinds()).toEqual(["chat"]);
});
