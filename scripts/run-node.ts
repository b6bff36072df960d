import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export interface RunningNode {
  /** Everything that it has written so far, errors too. */
  output(): string;
  /** The first match in what it has written or will write; rejects when it ends without one. */
  match(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal that killed it; rejects when it still runs after `withinMs`. */
  ended(withinMs?: number): Promise<number | NodeJS.Signals | null>;
}

/**
 * Runs Node in a process of its own, with these variables alone and without a `.env` file; killed
 * when the test is over.
 */
export function runNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunningNode {
  const child = spawn(process.execPath, args, {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  let isOver = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      child.emit("changed");
    });
  }
  child.once("close", () => {
    isOver = true;
    child.emit("changed");
  });

  return {
    output: () => output,
    async match(pattern) {
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        if (isOver) throw new Error(`It ended without ${pattern}: ${output}`);
        await once(child, "changed");
      }
    },
    kill: (signal) => void child.kill(signal),
    async ended(withinMs = 20_000) {
      if (!isOver) await once(child, "close", { signal: AbortSignal.timeout(withinMs) });
      return child.exitCode ?? child.signalCode;
    },
  };
}
