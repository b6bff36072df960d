import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * @typedef {object} ProcessOptions
 * @property {readonly string[]} args
 * @property {string} readyWords what a line of it says when it can be used
 * @property {Readonly<Record<string, string>>} [environment] all that it gets; nothing when left out
 * @property {(line: string) => void} [onLine] hears each line that it writes
 */

/**
 * @typedef {object} OwnProcess
 * @property {Promise<void>} ready rejects with what it said when it ended instead
 * @property {Promise<NodeJS.Signals | null>} ended with the signal that ended it, if one did
 * @property {(signal: NodeJS.Signals) => void} kill
 */

/**
 * @typedef {object} OwnProcesses
 * @property {(program: string, options: ProcessOptions) => OwnProcess} start
 * @property {() => Promise<void>} end ends all, at once
 */

/**
 * Programs that do not outlive this process, however it ends.
 * @param {string} folder where they run
 * @returns {OwnProcesses}
 */
export function createOwnProcesses(folder) {
  /** @type {Set<OwnProcess>} */
  const running = new Set();

  return {
    start(program, options) {
      const started = startProcess(program, folder, options);
      running.add(started);
      const leave = () => running.delete(started);
      started.ended.then(leave, leave);
      return started;
    },
    async end() {
      const ending = [...running];
      for (const { kill } of ending) kill("SIGKILL");
      await Promise.allSettled(ending.map(({ ended }) => ended));
    },
  };
}

/**
 * @param {string} program
 * @param {string} folder
 * @param {ProcessOptions} options
 * @returns {OwnProcess}
 */
function startProcess(program, folder, { args, readyWords, environment = {}, onLine }) {
  const child = spawn(program, args, {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: Ctrl+C in a terminal reaches everybody in a group, in no order.
    detached: true,
  });
  endWithThisProcess(child);
  /** @type {Promise<NodeJS.Signals | null>} */
  const ended = once(child, "exit").then(([, signal]) => signal);

  /** @type {string[]} */
  const said = [];
  /** @type {Promise<void>} */
  const ready = new Promise((resolve, reject) => {
    for (const output of [child.stdout, child.stderr]) {
      createInterface(output).on("line", (line) => {
        onLine?.(line);
        said.push(line);
        if (said.length > 20) said.shift();
        if (line.includes(readyWords)) resolve();
      });
    }
    child.once("close", () => reject(new Error(`${program} ended:\n${said.join("\n")}`)));
    child.once("error", reject);
  });
  // Whoever waits for one of them need not wait for the other.
  ready.catch(() => {});
  ended.catch(() => {});
  return { ready, ended, kill: (signal) => void child.kill(signal) };
}

/**
 * Also when this process is killed, and can do nothing any more: a pipe ends with the process that
 * holds its other side.
 * @param {import("node:child_process").ChildProcess} child
 */
function endWithThisProcess(child) {
  if (child.pid === undefined) return;
  const guard = spawn("sh", ["-c", `read -r _; kill -9 ${child.pid}`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.once("exit", () => guard.kill());
}
