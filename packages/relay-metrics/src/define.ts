import { Counter, Gauge, type Registry } from "prom-client";

/** Defines counters `gatestream_{name}_total`. */
export function createCounters(registry: Registry) {
  return <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]) =>
    new Counter({ name: `gatestream_${name}_total`, help, labelNames, registers: [registry] });
}

/** Defines a gauge that is read at each scrape. */
export function defineGauge(registry: Registry, name: string, help: string, read: () => number) {
  const collect = (): void => gauge.set(read());
  const gauge = new Gauge({ name, help, registers: [registry], collect });
}
