#!/usr/bin/env node
import cluster from "node:cluster";
import { existsSync } from "node:fs";
import { check } from "./check/check.ts";
import { createProgram } from "./program.ts";
import { serve } from "./serve.ts";

// Variables that are set already beat the file's. Workers have what the first process read.
if (cluster.isPrimary && existsSync(".env")) process.loadEnvFile(".env");

const program = createProgram({
  environment: process.env,
  serve,
  async check(options) {
    process.exitCode = await check(options, { print: (text) => process.stdout.write(text) });
  },
  async emulate(args, version) {
    // A relay in service has no use for it.
    const { emulate } = await import("./emulate.ts");
    process.exitCode = await emulate(args, version);
  },
});
try {
  await program.parseAsync();
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exitCode = 1;
}
