#!/usr/bin/env node
import cluster from "node:cluster";
import { existsSync, readFileSync } from "node:fs";
import { check } from "./check/check.ts";
import { createProgram } from "./program.ts";
import { serve } from "./serve.ts";
import { readEnvironmentFile } from "./settings/environment-file.ts";

/** Aborted by SIGINT or SIGTERM; a second signal ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
  return stop.signal;
}

/** The text of an answer must not control the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]/gu, "\uFFFD");
}

/** The names of the variables that a `.env` file has set. */
let environmentFile: readonly string[] | undefined;
const program = createProgram({
  environment: process.env,
  serve: (options) => serve(options, environmentFile),
  async check(options) {
    const print = (text: string) => process.stdout.write(text);
    process.exitCode = await check(options, { print, environmentFile });
  },
  async ask(options, question) {
    const { ask } = await import("./ask/ask.ts");
    process.exitCode = await ask(options, question, {
      print: (text) => process.stdout.write(process.stdout.isTTY ? printable(text) : text),
      printError: (text) => process.stderr.write(text),
    });
  },
  async demo(port) {
    const { demo } = await import("./demo.ts");
    await demo(port, { print: (text) => process.stdout.write(text), stop: stopSignal() });
  },
  async emulate(args, version) {
    // A relay in service has no use for it.
    const { runCommand } = await import("@gatestream/emulator");
    process.exitCode = await runCommand(args, {
      name: "gatestream emulate",
      version,
      print: (text) => process.stdout.write(text),
      printError: (text) => process.stderr.write(text),
      stop: stopSignal(),
    });
  },
});
try {
  // Workers inherit what the first process has read.
  if (cluster.isPrimary && existsSync(".env")) {
    const added = readEnvironmentFile(readFileSync(".env", "utf8"), process.env);
    Object.assign(process.env, added);
    environmentFile = Object.keys(added);
  }
  await program.parseAsync();
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exitCode = 1;
}
