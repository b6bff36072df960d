import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, type Registry } from "prom-client";
import { defineGauge } from "./define.ts";

const samplingMs = 20;

/**
 * Metrics of the process. Three names are without our prefix, because dashboards of Node
 * processes know them. Not prom-client's `collectDefaultMetrics`: what it starts cannot be stopped.
 */
export function createProcessMetrics(registry: Registry): { close(): void } {
  const registers = [registry];
  defineGauge(
    registry,
    "process_resident_memory_bytes",
    "Memory that the process holds.",
    process.memoryUsage.rss,
  );
  defineGauge(
    registry,
    "nodejs_heap_size_used_bytes",
    "Memory that JavaScript objects use.",
    () => process.memoryUsage().heapUsed,
  );
  const cpu = new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time that the process has used, in the user's and the system's mode.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      // A counter cannot be set.
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
  });
  const monitor = monitorEventLoopDelay({ resolution: samplingMs });
  const loopDelay = new Gauge({
    name: "gatestream_event_loop_delay_seconds",
    help: "How much later than planned a timer ran since the previous scrape: p50, p99 and max.",
    labelNames: ["statistic"],
    registers,
    // Of several processes, the one that fares worst.
    aggregator: "max",
    collect() {
      loopDelay.set({ statistic: "p50" }, beyondSampling(monitor.percentile(50)));
      loopDelay.set({ statistic: "p99" }, beyondSampling(monitor.percentile(99)));
      loopDelay.set({ statistic: "max" }, beyondSampling(monitor.max));
      monitor.reset();
    },
  });
  monitor.enable();
  return { close: () => void monitor.disable() };
}

/** Node reports the whole time between two samples, in nanoseconds; the planned part is no delay. */
function beyondSampling(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - samplingMs / 1000);
}
