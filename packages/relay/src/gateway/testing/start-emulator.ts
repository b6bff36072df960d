import { createEmulator, type Emulator, type EmulatorOptions } from "@gatestream/emulator";
import { onTestFinished } from "vitest";

export interface RunningEmulator {
  readonly emulator: Emulator;
  readonly url: string;
  /** What was called, in order: `["token", "chat"]`. */
  kinds(): readonly string[];
}

/** An emulator that answers as fast as it is read; closed when the test is over. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const emulator = createEmulator({ tokensPerSecond: 0, ...options });
  const { url } = await emulator.listen();
  onTestFinished(() => emulator.close());
  return { emulator, url, kinds: () => emulator.calls.map(({ kind }) => kind) };
}
