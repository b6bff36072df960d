import { randomInt } from "node:crypto";
import { tmpdir } from "node:os";
import { createGateway } from "./gateway/gateway.ts";
import type { Target } from "./load/connection.ts";
import { createOpenStreams } from "./load/open-streams.ts";
import { cpuMicroseconds } from "./measuring.ts";
import type { Peer } from "./peers.ts";
import { pinThisProcess, startProcess, type RunningProcess } from "./processes.ts";

/** A peer that runs, and the way to it. */
export interface RunningPeer {
  readonly target: Target;
  /** Undefined when there is nothing between the reader and the gateway. */
  readonly process: RunningProcess | undefined;
}

/** Where scenarios find what they need. */
export type Lab = Awaited<ReturnType<typeof openLab>>;

/** The emulated gateway and the readers are in this process; peers have one of their own. */
export async function openLab() {
  const gateway = createGateway();
  const streams = createOpenStreams();
  const gatewayPort = await gateway.listen(randomPort());
  let cleanUps: (() => unknown)[] = [];
  let redis: Promise<{ readonly url: string; readonly id: number }> | undefined;

  async function startRedis() {
    const port = randomPort();
    const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
    const args = [...settings, "--dir", tmpdir()];
    const server = startProcess({ program: "redis-server", args }, "1");
    await server.untilListening(port);
    return { url: `redis://127.0.0.1:${port}`, id: server.id };
  }
  /** One that keeps nothing on disk. A relay's Redis is another machine. */
  const startRedisOnce = () => (redis ??= startRedis());

  return {
    gateway,
    streams,
    startRedis: startRedisOnce,
    async start({ command, target, needsRedis = false }: Peer): Promise<RunningPeer> {
      pinThisProcess("1");
      const redisUrl = needsRedis ? (await startRedisOnce()).url : "";
      const surroundings = { port: randomPort(), gatewayPort, redisUrl };
      const started = command && startProcess(command(surroundings), "0");
      if (started !== undefined) cleanUps.push(started.stop);
      await started?.untilListening(surroundings.port);
      return { target: target(surroundings), process: started };
    },
    /** Runs `work` and measures the CPU time that the peer gets meanwhile. */
    async spend<Result>({ process: measured }: RunningPeer, work: () => Promise<Result>) {
      const before = measured && (await cpuMicroseconds(measured.id));
      const startedAt = performance.now();
      const ownBefore = process.cpuUsage();
      const result = await work();
      const own = process.cpuUsage(ownBefore);
      const elapsedMs = performance.now() - startedAt;
      return {
        result,
        /** Of the peer; not a number without a process. */
        cpuMicroseconds:
          measured && before ? (await cpuMicroseconds(measured.id)) - before : Number.NaN,
        /** How busy this process was, which is gateway and readers, of one core. */
        measuringPercent: (own.user + own.system) / 10 / elapsedMs,
      };
    },
    /** Calls this when the scenario has ended, as it stops peers. */
    defer: (cleanUp: () => unknown) => void cleanUps.push(cleanUp),
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
