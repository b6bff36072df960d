import { runCommand } from "@gatestream/emulator";

/** Runs the emulated gateway until `stop` is aborted. Resolves to the exit code. */
export async function emulate(
  args: readonly string[],
  version: string,
  stop: AbortSignal,
): Promise<number> {
  return await runCommand(args, {
    name: "gatestream emulate",
    version,
    print: (text) => process.stdout.write(text),
    printError: (text) => process.stderr.write(text),
    stop,
  });
}
