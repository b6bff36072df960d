import { Gauge, Registry } from "prom-client";
import type { Figures } from "./figures.ts";
import { createAnswerMetrics } from "./metrics-answers.ts";
import { createFailureMetrics } from "./metrics-failures.ts";
import { createProcessMetrics } from "./metrics-process.ts";
import { createReaderMetrics } from "./metrics-readers.ts";
import { createSocketMetrics } from "./metrics-sockets.ts";
import { createStreamMetrics } from "./metrics-streams.ts";
import type { Observer } from "./observer.ts";

export interface MetricsOptions {
  /** What `gatestream_build_info` tells as the relay's version. @defaultValue `"unknown"` */
  readonly version?: string;
}

/** The figures of one relay, in the words of Prometheus. */
export interface Metrics {
  /** Counts what the relay tells: hand it in as the relay's observer, or call it from yours. */
  readonly observe: Observer;
  /** The `Content-Type` that belongs to {@link Metrics.text}. */
  readonly contentType: string;
  /**
   * All figures in Prometheus' text format. The delay of the event loop is told since the text was
   * asked for last.
   */
  text(): Promise<string>;
  /** The same, to be summed up with those of other processes. */
  figures(): Promise<Figures>;
  /** Stops to watch the event loop; what was counted can still be read. */
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
    figures: () => registry.getMetricsAsJSON(),
    close: () => processMetrics.close(),
  };
}
