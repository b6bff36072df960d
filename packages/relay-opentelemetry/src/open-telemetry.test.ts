import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AlwaysOffSampler } from "@opentelemetry/sdk-trace-base";
import { assert, describe, expect, test } from "vitest";
import { RelayError, type StreamEnded } from "@gatestream/relay/parts";
import { openTelemetry } from "./open-telemetry.ts";
import { registerHostPropagator, registerHostTracing } from "./testing/host-tracing.ts";

const startTrace = openTelemetry();
const stream = { streamId: "s-1", configurationId: "cfg-1", providerName: "genesys" };
const traceId = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const incoming = { traceparent, tracestate: "vendor=1,other=2" };

const ended: StreamEnded = {
  type: "stream_ended",
  streamId: "s-1",
  requestId: "r-1",
  subject: "ann",
  configurationId: "cfg-1",
  transport: "http",
  ending: "stop",
  readerLeft: false,
  phase: "answer",
  tokens: 7,
  usage: { inputTokens: 12, outputTokens: 6 },
  warnings: 0,
  queueMs: 0,
  accessTokenMs: 0,
  handshakeMs: 0,
  durationMs: 0,
};
const away = new RelayError("gateway_unavailable", "Away.", { cause: new Error("10.0.0.7") });

describe("a host without tracing", () => {
  test("the caller's trace is passed on unchanged, and no span is recorded", () => {
    const { headers, notify } = startTrace(stream, incoming);
    expect(headers).toEqual(incoming);
    notify(ended);
  });

  test("without a trace there are no headers", () => {
    expect(startTrace(stream, {}).headers).toEqual({});
    expect(startTrace(stream, { tracestate: "vendor=1" }).headers).toEqual({});
  });

  test("nor does one make them that only passes traces on", () => {
    registerHostPropagator();
    expect(startTrace(stream, {}).headers).toEqual({});
    expect(startTrace(stream, incoming).headers).toEqual(incoming);
  });
});

describe("a host with tracing", () => {
  test("a stream is a client span below the caller's, with the GenAI conventions", () => {
    const { spans } = registerHostTracing();
    startTrace(stream, incoming).notify(ended);
    const [span] = spans();
    assert(span !== undefined);
    expect(spans()).toHaveLength(1);
    expect(span).toMatchObject({
      name: "chat",
      kind: SpanKind.CLIENT,
      parentSpanContext: { traceId, spanId: "b7ad6b7169203331", isRemote: true },
      status: { code: SpanStatusCode.UNSET },
      ended: true,
    });
    expect(span.attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "genesys",
      "gen_ai.request.model": "cfg-1",
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.usage.input_tokens": 12,
      "gen_ai.usage.output_tokens": 6,
      "gatestream.stream_id": "s-1",
      "gatestream.reader_left": false,
      "gatestream.tokens": 7,
    });
    expect(span.events).toEqual([]);
  });

  test("the gateway gets the stream's own span, the caller's state, and never the baggage", () => {
    const { spans } = registerHostTracing();
    const { headers, notify } = startTrace(stream, incoming);
    notify(ended);
    const [span] = spans();
    assert(span !== undefined);
    expect(headers).toEqual({
      traceparent: `00-${traceId}-${span.spanContext().spanId}-01`,
      tracestate: incoming.tracestate,
    });
  });

  test("the host's own span is the parent, whatever the request said", () => {
    const { spans } = registerHostTracing();
    const tracer = trace.getTracer("host");
    const own = tracer.startSpan("POST /api/llm/stream");
    const { headers, notify } = context.with(trace.setSpan(context.active(), own), () =>
      startTrace(stream, incoming),
    );
    notify(ended);
    expect(spans()[0]?.parentSpanContext).toMatchObject({ spanId: own.spanContext().spanId });
    expect(headers["traceparent"]).toContain(own.spanContext().traceId);
    expect(headers["tracestate"]).toBeUndefined();
  });

  test.each([{}, { traceparent: "00-1-2-01", tracestate: "vendor=1" }])(
    "without a trace that can be read (%o) the stream begins one",
    (unreadable) => {
      const { spans } = registerHostTracing();
      const { headers, notify } = startTrace(stream, unreadable);
      notify(ended);
      expect(spans()[0]?.parentSpanContext).toBeUndefined();
      expect(headers["traceparent"]).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
      expect(headers["tracestate"]).toBeUndefined();
    },
  );

  test("the span records failed tries, the gateway's answer and the first token", () => {
    const { spans } = registerHostTracing();
    const { notify } = startTrace(stream, incoming);
    const before = Date.now();
    notify({ type: "phase_begun", streamId: "s-1", phase: "handshake" });
    notify({ type: "attempt_failed", streamId: "s-1", attempt: 1, error: away, waitMs: 5 });
    notify({ type: "upstream_answered", streamId: "s-1", attempts: 2, correlationId: "c-1" });
    notify({ ...ended, firstTokenMs: 5_000, durationMs: 6_000 });
    const [span] = spans();
    expect(span?.events).toMatchObject([
      {
        name: "attempt_failed",
        attributes: {
          "error.type": "gateway_unavailable",
          "gatestream.attempt": 1,
          "gatestream.wait_ms": 5,
        },
      },
      {
        name: "upstream_answered",
        attributes: { "gatestream.attempts": 2, "gatestream.correlation_id": "c-1" },
      },
      { name: "first_token" },
    ]);
    const [seconds, nanoseconds] = span?.events.at(-1)?.time ?? [0, 0];
    const firstTokenAt = seconds * 1_000 + nanoseconds / 1e6;
    expect(firstTokenAt).toBeGreaterThan(before + 4_000);
    expect(firstTokenAt).toBeLessThan(before + 6_000);
  });

  test("a stream that fails is an error of its code, with the public message", () => {
    const { spans } = registerHostTracing();
    const { notify } = startTrace(stream, incoming);
    notify({ type: "attempt_failed", streamId: "s-1", attempt: 1, error: away });
    notify({ ...ended, ending: "error", error: away, readerLeft: true });
    const [span] = spans();
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: "Away." });
    expect(span?.attributes).toMatchObject({
      "error.type": "gateway_unavailable",
      "gatestream.reader_left": true,
    });
    expect(span?.attributes).not.toHaveProperty("gen_ai.response.finish_reasons");
    expect(span?.events[0]?.attributes).not.toHaveProperty("gatestream.wait_ms");
    const reported = JSON.stringify([span?.status, span?.attributes, span?.events]);
    expect(reported).not.toContain("10.0.0.7");
  });

  test("a span ends when its stream has ended, not before", () => {
    const { spans } = registerHostTracing();
    const { notify } = startTrace(stream, incoming);
    notify({ ...ended, type: "stream_started" });
    notify({ type: "upstream_answered", streamId: "s-1", attempts: 1 });
    expect(spans()).toEqual([]);
    notify(ended);
    expect(spans()).toHaveLength(1);
  });

  test("a trace that is not sampled is passed on as that, with its own span", () => {
    const { spans } = registerHostTracing({ sampler: new AlwaysOffSampler() });
    const { headers, notify } = startTrace(stream, incoming);
    notify(ended);
    expect(spans()).toEqual([]);
    expect(headers["traceparent"]).toMatch(RegExp(`^00-${traceId}-[\\da-f]{16}-00$`));
    expect(headers["traceparent"]).not.toContain("b7ad6b7169203331");
  });
});
