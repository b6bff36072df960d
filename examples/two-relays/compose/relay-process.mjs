import { fileURLToPath } from "node:url";

/** The command `gatestream`. */
const command = fileURLToPath(
  new URL("dist/cli.js", import.meta.resolve("gatestream/package.json")),
);

/** How often a relay that starts is asked whether it is ready. */
const askEveryMs = 50;

/** @typedef {"starting" | "running" | "stopping" | "stopped" | "killed"} RelayState */

/**
 * @typedef {object} RelayProcess
 * @property {string} name
 * @property {RelayState} state
 * @property {() => Promise<void>} start resolves when it is ready
 * @property {() => void} stop as a deployment does: SIGTERM
 * @property {() => void} kill as a crash: kill -9
 */

/**
 * @typedef {object} RelayProcessOptions
 * @property {string} name
 * @property {number} port
 * @property {import("./own-processes.mjs").OwnProcesses} processes
 * @property {Readonly<Record<string, string>>} environment
 * @property {() => void} onChange its state is another one
 * @property {(line: string) => void} onLine hears each line of its log
 */

/**
 * One `gatestream serve`, which can be stopped, killed and started again.
 * @param {RelayProcessOptions} options
 * @returns {RelayProcess}
 */
export function createRelayProcess({ name, port, processes, environment, onChange, onLine }) {
  /** @type {import("./own-processes.mjs").OwnProcess | undefined} */
  let running;
  /** @type {RelayState} */
  let state = "stopped";

  /** @param {RelayState} next */
  function setState(next) {
    state = next;
    onChange();
  }

  async function start() {
    if (running !== undefined) return;
    setState("starting");
    const started = processes.start(process.execPath, {
      args: [command, "serve"],
      environment: { ...environment, PORT: String(port) },
      readyWords: '"msg":"listening"',
      onLine,
    });
    running = started;
    void started.ended.then((signal) => {
      running = undefined;
      setState(signal === "SIGKILL" ? "killed" : "stopped");
    });
    await started.ready;
    // It listens before it has reached Redis.
    while (running === started && !(await isReady(port))) {
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
    if (running === started && state === "starting") setState("running");
  }

  return {
    name,
    get state() {
      return state;
    },
    start,
    stop() {
      if (running === undefined || state === "stopping") return;
      setState("stopping");
      running.kill("SIGTERM");
    },
    kill: () => running?.kill("SIGKILL"),
  };
}

/** @param {number} port */
function isReady(port) {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    async (response) => (await response.json()).status === "ready",
    () => false,
  );
}
