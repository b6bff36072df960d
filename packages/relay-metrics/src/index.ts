export { countsIn, sumOfFigures, textOfFigures, type Figures } from "./figures.ts";
export { createMetrics, type Metrics, type MetricsOptions } from "./metrics.ts";
export { createProcessMetrics } from "./process.ts";
