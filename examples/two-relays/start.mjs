// One command: Redis, two relays on it, nginx in front of them, an emulated gateway, and a page that
// shows what becomes of an answer when one of them goes. All of it ends with this process.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createEmulator } from "@gatestream/emulator";

import { freePorts } from "./compose/free-ports.mjs";
import { createOwnProcesses } from "./compose/own-processes.mjs";
import { createPageServer } from "./compose/page-server.mjs";
import { missingPrograms, programPath } from "./compose/programs.mjs";
import { createRelayProcess } from "./compose/relay-process.mjs";

const missing = missingPrograms();
if (missing.length > 0) {
  process.stderr.write(`${missing.join("\n")}\n`);
  process.exit(1);
}

const folder = await mkdtemp(join(tmpdir(), "gatestream-two-relays-"));
const processes = createOwnProcesses(folder);
let isEnding = false;

/** @param {number} exitCode */
async function end(exitCode) {
  isEnding = true;
  await processes.end();
  await rm(folder, { recursive: true, force: true });
  process.exit(exitCode);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => void end(0));

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Starts what all the others need, as long as it runs.
 * @param {string | undefined} program
 * @param {import("./compose/own-processes.mjs").ProcessOptions} options
 */
async function startBase(program = "", options) {
  const { ready, ended } = processes.start(program, options);
  await ready;
  void ended.then(() => {
    if (isEnding) return undefined;
    process.stderr.write(`${program} has ended.\n`);
    return end(1);
  });
}

/** @param {Readonly<Record<string, number>>} ports for the names in nginx.conf */
async function writeSite(ports) {
  const template = await readFile(new URL("compose/nginx.conf", import.meta.url), "utf8");
  const site = template.replaceAll(/@(\w+)@/g, (_, name) => String(ports[name]));
  await writeFile(join(folder, "nginx.conf"), site);
}

async function startAll() {
  const [redisPort = 0, portA = 0, portB = 0, pagePort = 0, port = 0] = await freePorts(5);
  const tokensPerSecond = Number(process.env["TOKENS_PER_SECOND"] ?? 15);
  const gateway = await createEmulator({ tokensPerSecond }).listen();

  /** What both relays are told; nothing of the shell's environment reaches them. */
  const environment = {
    GENESYS_CLIENT_ID: "demo-client",
    GENESYS_CLIENT_SECRET: "demo-secret",
    GENESYS_LOGIN_URL: gateway.url,
    GENESYS_API_URL: gateway.url,
    GATESTREAM_RESUME: "redis",
    GATESTREAM_REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    GATESTREAM_TRUSTED_PROXIES: "loopback",
  };
  /** @type {readonly (readonly [string, number])[]} */
  const places = [
    ["A", portA],
    ["B", portB],
  ];
  const relays = places.map(([name, relayPort]) =>
    createRelayProcess({
      name,
      port: relayPort,
      processes,
      environment,
      onChange: () => pageServer.tellStates(),
      onLine: (line) => print(`relay ${name}  ${line}`),
    }),
  );
  const pageServer = createPageServer(new Map(relays.map((relay) => [relay.name, relay])));
  pageServer.listen(pagePort);

  await startBase(programPath("redis"), {
    args: ["--port", String(redisPort), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
    readyWords: "Ready to accept connections",
  });
  await writeSite({ PORT: port, PAGE_PORT: pagePort, RELAY_A_PORT: portA, RELAY_B_PORT: portB });
  await Promise.all([
    startBase(programPath("nginx"), {
      args: ["-p", folder, "-e", "stderr", "-c", "nginx.conf"],
      // Told when its sockets listen.
      readyWords: "event method",
    }),
    ...relays.map((relay) => relay.start()),
  ]);
  print(`
  Page     http://127.0.0.1:${port}/
  Relays   A at port ${portA}, B at port ${portB}, on Redis at port ${redisPort}
  Gateway  emulator, in this process: no account needed

  Ctrl+C ends all of it.
`);
}

try {
  await startAll();
} catch (error) {
  // Stopped before all of it ran, it is not told that some of it did not start.
  if (!isEnding) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await end(1);
  }
}
