import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export interface RunningNode {
  /** Everything that it has written so far, errors too. */
  output(): string;
  /** When it has written more than that; rejects when it ends before. */
  changed(output: string): Promise<void>;
  /** The first match in what it has written or will write; rejects when it ends without one. */
  match(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Sends a signal to it and to the processes that it has started, as Ctrl-C does. */
  killAll(signal: NodeJS.Signals): void;
  /**
   * The exit code, or the signal that killed it, when the processes that it has started have ended
   * too; rejects when that takes longer than `withinMs`.
   */
  ended(withinMs?: number): Promise<number | NodeJS.Signals | null>;
}

/**
 * Runs Node in a process of its own, with these variables alone, in a folder without a `.env` file
 * unless another one is given; killed when the test is over.
 */
export function runNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  folder = fileURLToPath(new URL(".", import.meta.url)),
): RunningNode {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own.
    detached: true,
  });
  let output = "";
  let isOver = false;
  const killAll = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined || isOver) return;
    process.kill(-child.pid, signal);
  };
  onTestFinished(() => killAll("SIGKILL"));
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

  async function changed(before: string): Promise<void> {
    while (output === before) {
      if (isOver) throw new Error(`It ended: ${output}`);
      await once(child, "changed");
    }
  }

  return {
    output: () => output,
    changed,
    async match(pattern) {
      for (;;) {
        const soFar = output;
        const match = pattern.exec(soFar);
        if (match !== null) return match;
        await changed(soFar);
      }
    },
    kill: (signal) => void child.kill(signal),
    killAll,
    async ended(withinMs = 20_000) {
      if (!isOver) await once(child, "close", { signal: AbortSignal.timeout(withinMs) });
      return child.exitCode ?? child.signalCode;
    },
  };
}
