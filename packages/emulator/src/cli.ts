#!/usr/bin/env node
import { readFileSync } from "node:fs";

import { runCommand } from "./run-command.ts";

// The manifest is one folder up, from src as from dist.
const manifest: unknown = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());

process.exitCode = await runCommand(process.argv.slice(2), {
  version: versionIn(manifest),
  print: (text) => process.stdout.write(text),
  printError: (text) => process.stderr.write(text),
  stop: stop.signal,
});

function versionIn(value: unknown): string {
  const isManifest = typeof value === "object" && value !== null && "version" in value;
  return isManifest ? String(value.version) : "unknown";
}
