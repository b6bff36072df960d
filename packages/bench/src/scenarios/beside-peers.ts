import type { FigureBook, Samples } from "../figures.ts";
import type { Lab, RunningPeer } from "../lab.ts";
import type { Peer } from "../peers/peer.ts";
import { measureInTurns } from "./measure-in-turns.ts";

export interface BesidePeersOptions {
  readonly peers: readonly Peer[];
  /** Whether every sample is taken of a process that has done nothing before. @defaultValue false */
  readonly areFresh?: boolean;
  readonly sample: (peer: RunningPeer) => Promise<Samples>;
}

/** Runs peers beside each other and measures them in turns. */
export async function besidePeers(
  lab: Lab,
  book: FigureBook,
  { peers, areFresh = false, sample }: BesidePeersOptions,
): Promise<void> {
  const contenders = peers.filter(({ name, whyMissing }) => {
    if (whyMissing !== undefined) book.noteAbsence(name, whyMissing);
    return whyMissing === undefined;
  });
  const lasting = new Map<Peer, RunningPeer>();

  async function measure(peer: Peer): Promise<Samples> {
    const running = lasting.get(peer) ?? (await lab.start(peer));
    if (!areFresh) lasting.set(peer, running);
    try {
      return await sample(running);
    } finally {
      await lab.load.leave();
      if (areFresh) await running.stop();
    }
  }

  const { rounds, warmUpRounds } = lab.intensity;
  try {
    await measureInTurns(lab, book, {
      contenders,
      sample: measure,
      // A fresh process cannot be warmed up by an earlier round.
      rounds: { rounds, warmUpRounds: areFresh ? 0 : warmUpRounds },
    });
  } finally {
    await Promise.all([...lasting.values()].map((running) => running.stop()));
  }
}
