import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

/** What is measured has one core for itself; what measures it shares the other. */
export type Place = "measured" | "measuring";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** In addition to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it is called, or at least ends when this process does. @defaultValue false */
  readonly hasChannel?: boolean;
  /** Called when it has ended. */
  readonly cleanUp?: () => Promise<void>;
}

export interface RunningProcess {
  readonly child: ChildProcess;
  readonly processId: number;
  /** Also when it has ended by itself. */
  stop(): Promise<void>;
  /** The end of what it has written to its error output. */
  lastWords(): string;
}

/** All processes of a run, none of which outlives it. */
export interface Processes {
  /** Whether each place has a core of its own. */
  readonly isPinned: boolean;
  start(command: Command, place: Place): RunningProcess;
  stopAll(): Promise<void>;
}

const keptChars = 2_000;

export function createProcesses(): Processes {
  const running = new Set<RunningProcess>();
  const isPinned = cpus().length > 1 && spawnSync("taskset", ["--version"]).status === 0;
  const coreOf = (place: Place): string => (place === "measured" ? "0" : "1");
  process.on("exit", () => {
    for (const { child } of running) child.kill("SIGKILL");
  });

  return {
    isPinned,
    start({ program, args, environment, hasChannel = false, cleanUp }, place) {
      const whole = [...(isPinned ? ["taskset", "-c", coreOf(place)] : []), program, ...args];
      const child = spawn(whole[0] ?? program, whole.slice(1), {
        // Default logs are written and discarded.
        stdio: ["ignore", "ignore", "pipe", hasChannel ? "ipc" : "ignore"],
        // JSON has no `Infinity`.
        serialization: "advanced",
        env: { ...process.env, ...environment },
      });
      // A program that is not there has an error and no exit.
      const ended = once(child, "exit").catch(() => {});
      let words = "";
      child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
        words = (words + piece).slice(-keptChars);
      });
      const started: RunningProcess = {
        child,
        processId: child.pid ?? 0,
        async stop() {
          running.delete(started);
          child.kill("SIGTERM");
          const insist = setTimeout(() => child.kill("SIGKILL"), 1_000);
          await ended;
          clearTimeout(insist);
          await cleanUp?.();
        },
        lastWords: () => words,
      };
      running.add(started);
      return started;
    },
    async stopAll() {
      await Promise.all([...running].map((started) => started.stop()));
    },
  };
}

/** A program of this package, by the name of its built file. */
export function ownProgram(
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Command {
  const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  return { program: process.execPath, args: [file], environment, hasChannel: true };
}
