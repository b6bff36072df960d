import { AggregatorRegistry, type Registry } from "prom-client";

/** What a process tells at one moment, to be told to another one. */
export type Figures = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** The figures of several processes as those of one: each metric knows how it is summed up. */
export async function sumOfFigures(all: readonly Figures[]): Promise<Figures> {
  return await AggregatorRegistry.aggregate([...all]).getMetricsAsJSON();
}

/** Of a process that has ended: what it counted stays counted, what it was at is over. */
export function countsIn(figures: Figures): Figures {
  // Declared as numbers, but they are words.
  return figures.filter(({ type }) => ["counter", "histogram"].includes(String(type)));
}

/** The same, in Prometheus' text format. */
export async function textOfFigures(all: readonly Figures[]): Promise<string> {
  return await AggregatorRegistry.aggregate([...all]).metrics();
}
