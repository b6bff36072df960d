import { spawn } from "node:child_process";
import { once } from "node:events";
import { platform } from "node:os";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { processTree } from "./process-tree.ts";
import { cpuNanoseconds, residentBytes } from "./process-usage.ts";

/** Runs a script in a Node of its own, until it says something. */
async function startScript(script: string): Promise<number> {
  const child = spawn(process.execPath, ["-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own, which is ended as one.
    detached: true,
  });
  const processId = child.pid ?? 0;
  onTestFinished(() => void process.kill(-processId, "SIGKILL"));
  await once(createInterface(child.stdout), "line");
  return processId;
}

const stayAndTell = "console.log('ready'); setInterval(() => {}, 1e6);";
const busyMs = 300;
const spin = `const end = Date.now() + ${busyMs}; while (Date.now() < end);`;

const onLinux = test.runIf(platform() === "linux");

onLinux("the CPU time of every thread of a process counts", async () => {
  const worker = `new (require("node:worker_threads").Worker)(${JSON.stringify(
    `const start = process.cpuUsage().user; while (process.cpuUsage().user - start < ${busyMs * 1e3}); console.log("ready"); setInterval(() => {}, 1e6);`,
  )}, { eval: true });`;
  const idle = await startScript(stayAndTell);
  const busy = await startScript(worker);
  const spent = (await cpuNanoseconds(busy)) - (await cpuNanoseconds(idle));
  expect(spent).toBeGreaterThan((busyMs / 2) * 1e6);
});

onLinux("a process counts together with its children", async () => {
  const grandchild = JSON.stringify(`${spin} ${stayAndTell}`);
  const parent = await startScript(
    `require("node:child_process").spawn(process.execPath, ["-e", ${grandchild}], { stdio: "inherit" });`,
  );
  const tree = await processTree(parent);
  expect(tree).toHaveLength(2);
  const ownBytes = (await residentBytes(tree[1] ?? 0)) / 2;
  expect(await residentBytes(parent)).toBeGreaterThan(2 * ownBytes);
});

onLinux("memory that a process fills is resident", async () => {
  const small = await startScript(stayAndTell);
  const big = await startScript(`globalThis.kept = Buffer.alloc(64 << 20, 1); ${stayAndTell}`);
  const difference = (await residentBytes(big)) - (await residentBytes(small));
  expect(difference).toBeGreaterThan(60 << 20);
});
