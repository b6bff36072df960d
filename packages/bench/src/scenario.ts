import type { Lab, RunningPeer } from "./lab.ts";
import type { Peer } from "./peers.ts";

/** What is measured, for one column of a scenario's table. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** Digits after the point. */
  readonly decimals: number;
  /** Whose figure each other contender's is shown as a multiple of. @defaultValue nobody's */
  readonly beside?: string;
}

/** One round of one contender, by the names of measures. */
export type Sample = Readonly<Record<string, number>>;

export interface Contender {
  readonly name: string;
  readonly takeSample: () => Promise<Sample>;
}

/** One question, and how it is answered. */
export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  /** For readers of the report. */
  readonly explanation: string;
  readonly measures: readonly Measure[];
  /** Whether a sample needs no round before it that warms up. @defaultValue false */
  readonly isFresh?: boolean;
  /** Prepares those that are measured in turns. */
  contenders(
    lab: Lab,
    peers: readonly Peer[],
  ): readonly Contender[] | Promise<readonly Contender[]>;
}

export type PeerSample = (lab: Lab, peer: RunningPeer) => Promise<Sample>;

/** Measures the peers that the run was asked for in the same way. */
export function besidePeers(
  sample: PeerSample,
  isFresh = false,
): Pick<Scenario, "contenders" | "isFresh"> {
  return {
    isFresh,
    contenders: (lab, peers) => peers.map((peer) => peerContender(lab, peer, sample, isFresh)),
  };
}

/** A peer that runs from its first sample to the end of the scenario, or for each sample anew. */
export function peerContender(
  lab: Lab,
  peer: Peer,
  sample: PeerSample,
  isFresh = false,
): Contender {
  let running: Promise<RunningPeer> | undefined;
  return {
    name: peer.name,
    async takeSample() {
      running ??= lab.start(peer);
      const runningPeer = await running;
      try {
        return await sample(lab, runningPeer);
      } finally {
        lab.streams.leave();
        if (isFresh) {
          running = undefined;
          await runningPeer.process?.stop();
        }
      }
    },
  };
}
