import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** In addition to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it answers `ask`. @defaultValue false */
  readonly answers?: boolean;
}

export interface RunningProcess {
  readonly id: number;
  /** Resolves when it accepts connections at the port. */
  untilListening(port: number): Promise<void>;
  /** Sends a message and resolves with the next one that comes back. */
  ask<Reply>(question: object): Promise<Reply>;
  stop(): Promise<void>;
}

/** What is measured has the first core for itself; what measures it shares the second. */
export type Core = "0" | "1";

/** Cores of this process, and of those that it starts from now on. */
export function pinThisProcess(cores: Core | "0,1"): void {
  spawnSync("taskset", ["--all-tasks", "--pid", "--cpu-list", cores, String(process.pid)]);
}

/** Starts a process that does not outlive this one. */
export function startProcess(command: Command, core: Core): RunningProcess {
  const { program, args, environment, answers = false } = command;
  const child = spawn("taskset", ["--cpu-list", core, program, ...args], {
    stdio: ["ignore", "ignore", "pipe", answers ? "ipc" : "ignore"],
    env: { ...process.env, ...environment },
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.on("exit", kill);
  // A program that is not there has an error and no exit.
  const ended = once(child, "exit").catch(() => {});
  let errorOutput = "";
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
    errorOutput = (errorOutput + piece).slice(-2_000);
  });

  return {
    id: child.pid ?? 0,
    async untilListening(port) {
      const deadline = performance.now() + 20_000;
      while (!(await isListening(port))) {
        if (child.exitCode !== null || performance.now() > deadline) {
          throw new Error(`${program} ${args.join(" ")} does not listen: ${errorOutput}`);
        }
        await sleep(50);
      }
    },
    async ask(question) {
      child.send(question);
      const [reply] = await once(child, "message");
      return reply;
    },
    async stop() {
      process.off("exit", kill);
      child.kill("SIGTERM");
      const insist = setTimeout(kill, 1_000);
      await ended;
      clearTimeout(insist);
    },
  };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isThere = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isThere;
}
