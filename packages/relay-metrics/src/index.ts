export {
  onlyCounts,
  sumMetricValues,
  formatMetricValues,
  type MetricValues,
} from "./metric-values.ts";
export { createMetrics, type Metrics, type MetricsOptions } from "./metrics.ts";
export { createProcessMetrics } from "./process.ts";
