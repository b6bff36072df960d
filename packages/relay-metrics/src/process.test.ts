import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { createProcessMetrics } from "./process.ts";

function processMetrics() {
  const registry = new Registry();
  const { close } = createProcessMetrics(registry);
  onTestFinished(close);
  return { close, read: async () => parseExposition(await registry.metrics()) };
}

function occupy(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

test("memory is what Node says, in bytes", async () => {
  const { value } = await processMetrics().read();
  const resident = value("process_resident_memory_bytes");
  expect(resident / process.memoryUsage.rss()).toBeCloseTo(1, 0);
  const heap = value("nodejs_heap_size_used_bytes");
  expect(heap).toBeGreaterThan(1e6);
  expect(heap).toBeLessThan(resident);
});

test("processor time is what Node says at each scrape, in seconds", async () => {
  const { read } = processMetrics();
  const usedSeconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  for (let scrape = 0; scrape < 3; scrape += 1) {
    const before = usedSeconds();
    occupy(20);
    const { value } = await read();
    expect(value("process_cpu_seconds_total")).toBeGreaterThan(before);
    expect(value("process_cpu_seconds_total")).toBeLessThanOrEqual(usedSeconds());
  }
});

/** Time in which the delay of the loop is sampled at least `count` times. */
async function samples(count: number): Promise<void> {
  // Longer than the 20 ms between two samples, whose timer is therefore due first.
  for (let taken = 0; taken < count; taken += 1) await delay(25);
}

const series = (statistic: string) =>
  `gatestream_event_loop_delay_seconds{statistic="${statistic}"}`;

test("a busy event loop is reported once: the next scrape begins anew", async () => {
  const { read } = processMetrics();
  await samples(2);
  occupy(400);
  await samples(5);
  const busy = await read();
  expect(busy.value(series("max"))).toBeGreaterThan(0.3);
  expect(busy.value(series("p99"))).toBe(busy.value(series("max")));
  expect(busy.value(series("p50"))).toBeLessThan(0.3);
  const idle = await read();
  for (const statistic of ["p50", "p99", "max"]) expect(idle.value(series(statistic))).toBe(0);
});

test("nothing is watched any more after close", async () => {
  const { close, read } = processMetrics();
  close();
  await samples(2);
  occupy(100);
  await samples(2);
  expect((await read()).value(series("max"))).toBe(0);
});

/** Runs a program that has `createMetrics`; it is stopped when it does not end by itself. */
async function run(program: string): Promise<{ code: number | null; output: string }> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { createMetrics } from "./metrics.ts";\n${program}`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    conditions: ["gatestream-source"],
  });
  const child = spawn(process.execPath, ["-"], { stdio: ["pipe", "pipe", "inherit"] });
  const overdue = setTimeout(() => child.kill(), 10_000);
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stdin.end(outputFiles[0]?.text);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(overdue);
  return { code, output };
}

test.each([
  ["were closed", "metrics.close();"],
  ["were not closed", ""],
])("a process whose metrics %s ends by itself", async (_, closing) => {
  const { code, output } = await run(`
    const metrics = createMetrics();
    metrics.text().then((text) => {
      ${closing}
      process.stdout.write(text);
    });
  `);
  expect(code).toBe(0);
  expect(parseExposition(output).value("gatestream_active_streams")).toBe(0);
});
