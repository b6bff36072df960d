import { AsyncLocalStorage } from "node:async_hooks";
import {
  context,
  type Context,
  type ContextManager,
  propagation,
  ROOT_CONTEXT,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { onTestFinished } from "vitest";

export interface HostTracingOptions {
  /** @defaultValue every span is recorded */
  readonly sampler?: Sampler;
}

/** What a host registers with the OpenTelemetry API, until the test is over. */
export function registerHostTracing({ sampler = new AlwaysOnSampler() }: HostTracingOptions = {}) {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  context.setGlobalContextManager(createContextManager());
  registerHostPropagator();
  onTestFinished(() => {
    trace.disable();
    context.disable();
  });
  return { spans: () => exporter.getFinishedSpans() };
}

/** What a host registers that passes traces on and makes none. */
export function registerHostPropagator(): void {
  propagation.setGlobalPropagator(propagator);
  onTestFinished(() => propagation.disable());
}

/** As hosts have it: the W3C headers, and baggage with them. */
const propagator: TextMapPropagator = {
  inject(active, carrier, { set }) {
    const own = trace.getSpanContext(active);
    if (own === undefined) return;
    const flags = own.traceFlags.toString(16).padStart(2, "0");
    set(carrier, "traceparent", `00-${own.traceId}-${own.spanId}-${flags}`);
    const state = own.traceState?.serialize();
    if (state !== undefined) set(carrier, "tracestate", state);
    set(carrier, "baggage", "who=ann");
  },
  extract: (active) => active,
  fields: () => ["traceparent", "tracestate", "baggage"],
};

function createContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, deed, receiver, ...args) =>
      storage.run(active, () => deed.call(receiver as ThisParameterType<typeof deed>, ...args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
