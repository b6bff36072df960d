import type { Intensity } from "./intensity.ts";
import type { LoadDeeds } from "./load/program.ts";
import type { Peer } from "./peers/peer.ts";
import type { Target } from "./load/target.ts";
import { callsTo, type Calls } from "./processes/calls.ts";
import { freePort, untilListening } from "./processes/ports.ts";
import { ownProgram, type Processes, type RunningProcess } from "./processes/processes.ts";
import { startRedis, type RedisServer } from "./redis-server.ts";
import type { UpstreamDeeds } from "./upstream/program.ts";

/** A peer that runs, and the way to it. */
export interface RunningPeer {
  readonly name: string;
  readonly target: Target;
  /** 0 when there is nothing between the reader and the gateway. */
  readonly processId: number;
  stop(): Promise<void>;
}

/** Where scenarios find what they need. Everything in it ends with `close`. */
export interface Lab {
  readonly intensity: Intensity;
  readonly peers: readonly Peer[];
  readonly upstream: Calls<UpstreamDeeds>;
  readonly upstreamProcessId: number;
  readonly load: Calls<LoadDeeds>;
  readonly loadProcessId: number;
  readonly redis: () => Promise<RedisServer>;
  readonly processes: Processes;
  start(peer: Peer): Promise<RunningPeer>;
  log(line: string): void;
  close(): Promise<void>;
}

export interface LabOptions {
  readonly intensity: Intensity;
  readonly peers: readonly Peer[];
  readonly processes: Processes;
  readonly log: (line: string) => void;
}

/** Starts the emulated gateway and the readers; peers are started by those who measure them. */
export async function openLab({ intensity, peers, processes, log }: LabOptions): Promise<Lab> {
  const upstreamPort = await freePort();
  const upstreamProcess = processes.start(ownProgram("upstream"), "measuring");
  const loadProcess = processes.start(ownProgram("load"), "measuring");
  const upstream = await callsTo<UpstreamDeeds>(upstreamProcess.child);
  const load = await callsTo<LoadDeeds>(loadProcess.child);
  await upstream.listen(upstreamPort);
  let redis: Promise<RedisServer> | undefined;
  const sharedRedis = (): Promise<RedisServer> => (redis ??= startRedis(processes));

  async function start(peer: Peer): Promise<RunningPeer> {
    const redisUrl = peer.needsRedis === true ? (await sharedRedis()).url : "";
    const place = { port: await freePort(), upstreamPort, redisUrl };
    let running: RunningProcess | undefined;
    if (peer.command !== undefined) {
      running = processes.start(await peer.command(place), "measured");
      await untilListening(place.port, running).catch(async (problem: unknown) => {
        await running?.stop();
        throw new Error(`${peer.name}: ${String(problem)}`, { cause: problem });
      });
    }
    return {
      name: peer.name,
      target: peer.target(place),
      processId: running?.processId ?? 0,
      stop: async () => running?.stop(),
    };
  }

  return {
    intensity,
    peers,
    upstream,
    upstreamProcessId: upstreamProcess.processId,
    load,
    loadProcessId: loadProcess.processId,
    redis: sharedRedis,
    processes,
    start,
    log,
    close: processes.stopAll,
  };
}
