import { randomInt } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunningProcess } from "./processes.ts";

/** A port that is free, and that the system does not give to outgoing connections. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    server.close();
    if (isFree) return port;
  }
}

const patienceMs = 20_000;
const betweenTriesMs = 50;

/** Waits until a process accepts connections at `port`. */
export async function untilListening(
  port: number,
  { child, lastWords }: RunningProcess,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += betweenTriesMs) {
    if (child.exitCode !== null) throw new Error(`It ended at once: ${lastWords()}`);
    const socket = connect(port, "127.0.0.1");
    const isThere = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await sleep(betweenTriesMs);
  }
  throw new Error(`It does not listen: ${lastWords()}`);
}
