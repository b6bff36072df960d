import {
  type MetricValues,
  onlyCounts,
  createProcessMetrics,
  sumMetricValues,
  formatMetricValues,
} from "@gatestream/relay-metrics";
import { Registry } from "prom-client";

/** A worker whose metrics can be requested. */
export interface MetricsSource {
  /** The index of the worker, from 0; its replacement has the same. */
  readonly slot: number;
  readonly hasEnded: boolean;
  /** Rejects when there is no answer in time. */
  askForValues(): Promise<MetricValues>;
}

/**
 * The metrics of all processes of one command together: of the calling process and of `count` workers.
 * prom-client's `clusterMetrics` forgets workers that have ended, and fails when one is too busy.
 */
export function createAggregateMetrics(count: number) {
  const own = new Registry();
  const ownProcess = createProcessMetrics(own);
  // A counter that falls, be it by a rounding, looks like one that began anew, and all of it would
  // count once more. So the dead are kept, and nothing is ever added up in another order.
  const slots = Array.from({ length: count }, () => ({
    ofDead: Promise.resolve<MetricValues>([]),
    last: [] as MetricValues,
  }));

  async function ask(worker: MetricsSource): Promise<void> {
    // Too busy to answer: its last values are nearer to the truth than none.
    const values = await worker.askForValues().catch(() => undefined);
    const slot = slots[worker.slot];
    if (values !== undefined && slot !== undefined && !worker.hasEnded) slot.last = values;
  }

  return {
    /** In Prometheus' text format, of the first process and of these workers. */
    async text(workers: readonly MetricsSource[]): Promise<string> {
      await Promise.all(workers.map(ask));
      const sums = slots.map(async ({ ofDead, last }) => sumMetricValues([await ofDead, last]));
      const all = [...(await Promise.all(sums)), await own.getMetricsAsJSON()];
      return await formatMetricValues(all);
    },
    /** From now on an ended worker only counts for what it had counted when it was asked last. */
    forget(worker: MetricsSource): void {
      const slot = slots[worker.slot];
      if (slot === undefined) return;
      const counts = onlyCounts(slot.last);
      slot.last = [];
      slot.ofDead = slot.ofDead.then((ofDead) => sumMetricValues([ofDead, counts]));
    },
    close: () => ownProcess.close(),
  };
}
