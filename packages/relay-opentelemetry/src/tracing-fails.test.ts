import { trace, type Tracer } from "@opentelemetry/api";
import { expect, onTestFinished, test } from "vitest";
import { openTelemetry } from "./open-telemetry.ts";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";

test.each(["abort", "detach"] as const)(
  "a host's tracer that throws does not keep an answer from its reader: %s",
  async (onDisconnect) => {
    const tracer = {
      startSpan() {
        throw new Error("the collector is misconfigured");
      },
    } as unknown as Tracer;
    trace.setGlobalTracerProvider({ getTracer: () => tracer });
    onTestFinished(() => trace.disable());
    await using under = await startRelay({ startTrace: openTelemetry() });
    const reply = await replyTo(ask(under.streamUrl, { ...question("Hello"), onDisconnect }));
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('"type":"stop","reason":"stop"');
  },
);
