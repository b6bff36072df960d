import type { RelayMetrics } from "@gatestream/relay/parts";
import { Gauge, Registry } from "prom-client";
import { createFailureMetrics, createSocketMetrics } from "./connections.ts";
import type { MetricValues } from "./metric-values.ts";
import { createProcessMetrics } from "./process.ts";
import { createAnswerMetrics, createReaderMetrics, createStreamMetrics } from "./streams.ts";

export interface MetricsOptions {
  /** The relay's version in `gatestream_build_info`. @defaultValue `"unknown"` */
  readonly version?: string;
}

/** The metrics of one relay. */
export interface Metrics extends RelayMetrics {
  /** The `Content-Type` that belongs to `text`. */
  readonly contentType: string;
  text(): Promise<string>;
  /** The same, to be summed up with those of other processes. */
  values(): Promise<MetricValues>;
  close(): void;
}

/** Counts what a relay does, on a registry of its own: several relays may live in one process. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { version = "unknown" } = options;
  const registry = new Registry();
  const observers = [
    createStreamMetrics(registry),
    createAnswerMetrics(registry),
    createReaderMetrics(registry),
    createSocketMetrics(registry),
    createFailureMetrics(registry),
  ];
  const processMetrics = createProcessMetrics(registry);
  new Gauge({
    name: "gatestream_build_info",
    help: "Always 1; the labels tell the version of the relay and of Node.",
    labelNames: ["version", "node"],
    registers: [registry],
    aggregator: "first",
  }).set({ version, node: process.version }, 1);
  return {
    observe(event) {
      for (const observe of observers) observe(event);
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
    values: () => registry.getMetricsAsJSON(),
    close: () => processMetrics.close(),
  };
}
