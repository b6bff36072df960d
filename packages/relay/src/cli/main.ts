#!/usr/bin/env node
import { existsSync } from "node:fs";
import { createProgram } from "./program.ts";
import { serve } from "./serve.ts";

// Variables that are set already beat the file's.
if (existsSync(".env")) process.loadEnvFile(".env");

try {
  await createProgram({ environment: process.env, serve }).parseAsync();
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exitCode = 1;
}
