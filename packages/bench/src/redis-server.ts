import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { freePort, untilListening } from "./processes/ports.ts";
import type { Processes } from "./processes/processes.ts";

export const redisPath = process.env["REDIS_SERVER_PATH"] ?? "/usr/bin/redis-server";

export const isRedisInstalled = existsSync(redisPath);

export interface RedisServer {
  readonly url: string;
  readonly processId: number;
}

/** A Redis that keeps nothing on disk, beside what measures: a relay's Redis is another machine. */
export async function startRedis(processes: Processes): Promise<RedisServer> {
  const port = await freePort();
  const settings = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", tmpdir()];
  const server = processes.start({ program: redisPath, args: settings.map(String) }, "measuring");
  await untilListening(port, server);
  return { url: `redis://127.0.0.1:${port}`, processId: server.processId };
}
