import { once } from "node:events";

import { readCommandLine } from "./command-line.ts";
import { createEmulator } from "./emulator.ts";
import { type EmulatorSettings, emulatorSettings } from "./emulator-options.ts";

export interface CommandSurroundings {
  /** What the command is called in its help. @defaultValue "gatestream-emulator" */
  readonly name?: string;
  readonly version: string;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Aborts when the command shall stop. */
  readonly stop: AbortSignal;
}

const exitCodes = { ok: 0, failed: 1, invalidArguments: 2 };

/** Runs until it receives a stop signal; resolves to the exit code. */
export async function runCommand(
  args: readonly string[],
  { name = "gatestream-emulator", version, print, printError, stop }: CommandSurroundings,
): Promise<number> {
  const commandLine = readCommandLine(args, { name, version });
  if (commandLine.type === "print") {
    print(commandLine.text);
    return exitCodes.ok;
  }
  if (commandLine.type === "refuse") {
    printError(commandLine.text);
    return exitCodes.invalidArguments;
  }

  const emulator = createEmulator(commandLine.emulator);
  try {
    const { url } = await emulator.listen(commandLine.listen);
    print(greeting(url, emulatorSettings(commandLine.emulator)));
  } catch (error) {
    printError(
      `The emulator cannot listen: ${reasonOf(error)}. Choose another --port or --host.\n`,
    );
    return exitCodes.failed;
  }
  if (!stop.aborted) await once(stop, "abort");
  await emulator.close();
  return exitCodes.ok;
}

function greeting(url: string, { clientId, clientSecret, apiKey }: EmulatorSettings): string {
  return `The emulated LLM Gateway listens on ${url}
Point the relay at it:

  GENESYS_LOGIN_URL=${url}
  GENESYS_API_URL=${url}
  GENESYS_CLIENT_ID=${clientId}
  GENESYS_CLIENT_SECRET=${clientSecret}

or, for what else it speaks, at one of these:

  GATESTREAM_PROVIDER=openai, or openai-responses
  OPENAI_BASE_URL=${url}/v1
  OPENAI_API_KEY=${apiKey}

  GATESTREAM_PROVIDER=anthropic
  ANTHROPIC_BASE_URL=${url}
  ANTHROPIC_API_KEY=${apiKey}

`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
