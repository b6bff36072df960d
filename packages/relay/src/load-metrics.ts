import type { RelayMetrics } from "./observe/metrics.ts";
import type { Observer, ObserverEvent } from "./observe/observer.ts";
import { packageVersion } from "./version.ts";

/**
 * Counts with the optional package `@gatestream/relay-metrics`, which begins to load at once; what
 * happens until it is there is counted then. Where it is not installed, nothing is counted.
 */
export function loadMetrics(): RelayMetrics {
  const early: ObserverEvent[] = [];
  let observe: Observer = (event) => void early.push(event);
  const loading = import("@gatestream/relay-metrics")
    // It is optional: whoever asks for the text is told that it is missing.
    .catch(() => undefined)
    .then((loaded) => {
      const metrics = loaded?.createMetrics({ version: packageVersion() });
      for (const event of early.splice(0)) metrics?.observe(event);
      observe = metrics?.observe ?? (() => {});
      return metrics;
    });
  return {
    observe: (event) => observe(event),
    text: async () => (await loading)?.text(),
    close: async () => (await loading)?.close(),
  };
}
