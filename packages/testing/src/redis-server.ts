import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";

const serverPath = process.env["REDIS_SERVER_PATH"] ?? "/usr/bin/redis-server";

/** Why tests that need a Redis server cannot run here; undefined when they can. */
export const whyNoRedis = existsSync(serverPath)
  ? undefined
  : `skipped: no Redis server at ${serverPath}; REDIS_SERVER_PATH says where another is`;

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Ends it as a crash would: what it held is gone. */
  kill(): Promise<void>;
  /** Starts it again, empty, at the same address. */
  restart(): Promise<void>;
  /** Connections stay open, and nothing is answered. */
  freeze(): void;
  /** It goes on where it was frozen. */
  thaw(): void;
}

/** A Redis server of the test's own that keeps nothing on disk; `await using` ends it. */
export async function startRedis(password?: string): Promise<RedisServer> {
  const secret = password === undefined ? [] : ["--requirepass", password];
  for (;;) {
    // Below the ephemeral ports, so that no other process takes it before a restart.
    const port = randomInt(20_000, 32_000);
    const first = await start(port, secret);
    if (first !== undefined) return running(first, port, secret);
  }
}

function running(first: ChildProcess, port: number, secret: readonly string[]): RedisServer {
  let child = first;
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart() {
      await kill();
      const next = await start(port, secret);
      if (next === undefined) throw new Error(`Somebody else took port ${port}.`);
      child = next;
    },
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    [Symbol.asyncDispose]: kill,
  };
}

/** Undefined when the port is taken. */
async function start(port: number, secret: readonly string[]): Promise<ChildProcess | undefined> {
  const settings = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", tmpdir()];
  const child = spawn(serverPath, [...settings.map(String), ...secret], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  endWithTests(child);
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    if (line.includes("Ready to accept connections")) {
      // An unread pipe fills up, and would stop the server.
      child.stdout.resume();
      return child;
    }
  }
  const text = said.join("\n");
  if (text.includes("Address already in use")) return undefined;
  throw new Error(`The Redis server did not start:\n${text}`);
}

/** Also when the tests' process is killed, which runs nothing of its own any more. */
export function endWithTests(child: ChildProcess): void {
  // A pipe ends with the process that holds its other side.
  const guard = spawn("sh", ["-c", `read -r _; kill -9 ${child.pid}`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.once("exit", () => guard.kill());
}
