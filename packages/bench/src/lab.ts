import { randomInt } from "node:crypto";
import { tmpdir } from "node:os";
import { createGateway, type Gateway } from "./gateway/gateway.ts";
import type { Target } from "./load/connection.ts";
import { createOpenStreams, type OpenStreams } from "./load/open-streams.ts";
import { cpuMicroseconds } from "./measuring.ts";
import type { Peer } from "./peers.ts";
import { pinThisProcess, startProcess, type RunningProcess } from "./processes.ts";

/** A peer that runs, and the way to it. */
export interface RunningPeer {
  readonly target: Target;
  /** Undefined when there is nothing between the reader and the gateway. */
  readonly process: RunningProcess | undefined;
}

/** What a piece of work cost. */
export interface Spent<Result> {
  readonly result: Result;
  /** Of the peer; not a number without a process. */
  readonly cpuMicroseconds: number;
  /** How busy this process was, which is gateway and readers, of one core. */
  readonly measuringPercent: number;
}

/** Where scenarios find what they need. */
export interface Lab {
  readonly gateway: Gateway;
  readonly streams: OpenStreams;
  start(peer: Peer): Promise<RunningPeer>;
  /** Starts a Redis that keeps nothing on disk, once. A relay's Redis is another machine. */
  startRedis(): Promise<{ readonly url: string; readonly id: number }>;
  /** Runs `work` and measures the CPU time that the peer gets meanwhile. */
  spend<Result>(peer: RunningPeer, work: () => Promise<Result>): Promise<Spent<Result>>;
  /** Calls this when the scenario has ended, as it stops peers. */
  defer(cleanUp: () => unknown): void;
  endScenario(): Promise<void>;
}

/** The emulated gateway and the readers are in this process; peers have one of their own. */
export async function openLab(): Promise<Lab> {
  const gateway = createGateway();
  const streams = createOpenStreams();
  const gatewayPort = await gateway.listen(randomPort());
  let cleanUps: (() => unknown)[] = [];
  let redis: ReturnType<Lab["startRedis"]> | undefined;

  async function startRedis(): ReturnType<Lab["startRedis"]> {
    const port = randomPort();
    const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
    const args = [...settings, "--dir", tmpdir()];
    const server = startProcess({ program: "redis-server", args }, "1");
    await server.untilListening(port);
    return { url: `redis://127.0.0.1:${port}`, id: server.id };
  }
  const startRedisOnce: Lab["startRedis"] = () => (redis ??= startRedis());

  return {
    gateway,
    streams,
    startRedis: startRedisOnce,
    async start({ command, target, needsRedis = false }) {
      pinThisProcess("1");
      const redisUrl = needsRedis ? (await startRedisOnce()).url : "";
      const surroundings = { port: randomPort(), gatewayPort, redisUrl };
      const started = command && startProcess(command(surroundings), "0");
      if (started !== undefined) cleanUps.push(started.stop);
      await started?.untilListening(surroundings.port);
      return { target: target(surroundings), process: started };
    },
    async spend({ process: measured }, work) {
      const before = measured && (await cpuMicroseconds(measured.id));
      const startedAt = performance.now();
      const ownBefore = process.cpuUsage();
      const result = await work();
      const own = process.cpuUsage(ownBefore);
      const elapsedMs = performance.now() - startedAt;
      return {
        result,
        cpuMicroseconds:
          measured && before ? (await cpuMicroseconds(measured.id)) - before : Number.NaN,
        measuringPercent: (own.user + own.system) / 10 / elapsedMs,
      };
    },
    defer: (cleanUp) => void cleanUps.push(cleanUp),
    async endScenario() {
      streams.leave();
      await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
      cleanUps = [];
    },
  };
}

/** One that the system does not give to outgoing connections. */
function randomPort(): number {
  return randomInt(20_000, 32_000);
}
