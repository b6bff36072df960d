import { AggregatorRegistry, type Registry } from "prom-client";

/** The metrics of a process at one moment, as JSON for another process. */
export type MetricValues = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** The values of several processes as those of one, by the aggregator of each metric. */
export async function sumMetricValues(all: readonly MetricValues[]): Promise<MetricValues> {
  return await AggregatorRegistry.aggregate([...all]).getMetricsAsJSON();
}

/** What remains of a process that has ended: counters and histograms, no gauges. */
export function onlyCounts(values: MetricValues): MetricValues {
  // The types of prom-client declare a number, but it is a string.
  return values.filter(({ type }) => ["counter", "histogram"].includes(String(type)));
}

/** The sum in Prometheus' text format. */
export async function formatMetricValues(all: readonly MetricValues[]): Promise<string> {
  return await AggregatorRegistry.aggregate([...all]).metrics();
}
