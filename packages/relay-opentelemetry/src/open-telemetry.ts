import {
  context,
  createTraceState,
  isSpanContextValid,
  propagation,
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import {
  readTrace,
  type AttemptFailed,
  type Observer,
  type RemoteTrace,
  type StartTrace,
  type StreamEnded,
  type StreamTrace,
  type TracedStream,
  type UpstreamAnswered,
} from "@gatestream/relay/parts";

/**
 * Joins each stream to the trace of its request. Where the host has registered a tracer provider with
 * `@opentelemetry/api`, the stream is a span named `chat` in it, below the active span or else below
 * the caller's; everywhere else, and where the host's tracing fails, the caller's own headers are
 * passed on.
 */
export function openTelemetry(): StartTrace {
  return (stream, incoming) => {
    const remote = readTrace(incoming);
    const untraced: StreamTrace = { headers: remote?.headers ?? {}, notify: () => {} };
    try {
      return startSpan(stream, remote) ?? untraced;
    } catch (failure) {
      process.emitWarning(`The host's tracing failed: ${String(failure)}`, "GatestreamWarning");
      return untraced;
    }
  };
}

/** Undefined where the host records no span. */
function startSpan(stream: TracedStream, remote: RemoteTrace | undefined): StreamTrace | undefined {
  const parent = parentOf(remote);
  const span = trace.getTracer("gatestream").startSpan(
    "chat",
    {
      kind: SpanKind.CLIENT,
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": stream.providerName,
        "gen_ai.request.model": stream.configurationId,
        "gatestream.stream_id": stream.streamId,
      },
    },
    parent,
  );
  // Without a provider a span is nothing, or its parent over again.
  const own = span.spanContext();
  const isTraced = isSpanContextValid(own) && own.spanId !== trace.getSpanContext(parent)?.spanId;
  if (!isTraced) return undefined;
  return { headers: headersFor(trace.setSpan(parent, span)), notify: createScribe(span) };
}

/** Writes the stream's events into the span. */
function createScribe(span: Span): Observer {
  const startedAt = Date.now();
  return (event) => {
    if (event.type === "attempt_failed") span.addEvent(event.type, attemptAttributes(event));
    else if (event.type === "upstream_answered") span.addEvent(event.type, answerAttributes(event));
    else if (event.type === "stream_ended") {
      const { error, firstTokenMs } = event;
      if (firstTokenMs !== undefined) span.addEvent("first_token", {}, startedAt + firstTokenMs);
      span.setAttributes(endAttributes(event));
      if (error !== undefined) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      }
      span.end();
    }
  };
}

function attemptAttributes({ attempt, error, waitMs }: AttemptFailed): Attributes {
  return {
    "error.type": error.code,
    "gatestream.attempt": attempt,
    ...(waitMs === undefined ? {} : { "gatestream.wait_ms": waitMs }),
  };
}

function answerAttributes({ attempts, correlationId }: UpstreamAnswered): Attributes {
  return {
    "gatestream.attempts": attempts,
    ...(correlationId === undefined ? {} : { "gatestream.correlation_id": correlationId }),
  };
}

function endAttributes({ ending, error, readerLeft, tokens, usage }: StreamEnded): Attributes {
  const { inputTokens, outputTokens } = usage ?? {};
  return {
    "gatestream.reader_left": readerLeft,
    "gatestream.tokens": tokens,
    ...(inputTokens !== undefined && { "gen_ai.usage.input_tokens": inputTokens }),
    ...(outputTokens !== undefined && { "gen_ai.usage.output_tokens": outputTokens }),
    ...(error === undefined
      ? { "gen_ai.response.finish_reasons": [ending] }
      : { "error.type": error.code }),
  };
}

/** The host's own span knows more of the request than the request's headers. */
function parentOf(remote: RemoteTrace | undefined): Context {
  const active = context.active();
  const own = trace.getSpanContext(active);
  if (remote === undefined || (own !== undefined && isSpanContextValid(own))) return active;
  const { traceId, spanId, flags, headers } = remote;
  const state = headers["tracestate"];
  return trace.setSpanContext(active, {
    traceId,
    spanId,
    traceFlags: flags,
    isRemote: true,
    ...(state === undefined ? {} : { traceState: createTraceState(state) }),
  });
}

/** What the host's propagator writes, but for what is no trace: baggage is the caller's own. */
function headersFor(active: Context): Readonly<Record<string, string>> {
  const carrier: Record<string, string> = {};
  propagation.inject(active, carrier);
  const names = ["traceparent", "tracestate"];
  return Object.fromEntries(Object.entries(carrier).filter(([name]) => names.includes(name)));
}
