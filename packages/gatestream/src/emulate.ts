import { runCommand } from "@gatestream/emulator";

/**
 * Runs the emulated gateway until SIGINT or SIGTERM; a second signal ends the process at once.
 * Resolves to the exit code.
 */
export async function emulate(args: readonly string[], version: string): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
  return await runCommand(args, {
    name: "gatestream emulate",
    version,
    print: (text) => process.stdout.write(text),
    printError: (text) => process.stderr.write(text),
    stop: stop.signal,
  });
}
