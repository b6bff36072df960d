import type { Observer } from "./observer.ts";

/** Counts what a relay does, for those who operate it. */
export interface RelayMetrics {
  /** Counts the relay's events. */
  readonly observe: Observer;
  /**
   * All that was counted, in Prometheus' text format 0.0.4; undefined when nothing is. The delay of
   * the event loop is measured since the last call.
   */
  text(): Promise<string | undefined>;
  /** Stops to watch the event loop; what was counted can still be read. */
  close(): void | Promise<void>;
}
