import type { Rounds } from "./measuring/in-turns.ts";

/** How much and how long is measured. */
export interface Intensity extends Rounds {
  readonly flatOutMs: number;
  readonly pacedMs: number;
  /** Open streams at which memory is measured, in this order. */
  readonly openStreams: readonly number[];
  /** Before memory is looked at. */
  readonly settleMs: number;
  readonly leavingWithinMs: number;
  readonly stalledMs: number;
  readonly catchUpMs: number;
  readonly decodeMs: number;
  readonly clientTokens: number;
  /** Of the answer that pages draw. */
  readonly drawnTokens: number;
}

export const full: Intensity = {
  rounds: 3,
  warmUpRounds: 1,
  flatOutMs: 2_000,
  pacedMs: 5_000,
  openStreams: [2_000, 5_000],
  settleMs: 3_000,
  leavingWithinMs: 2_000,
  stalledMs: 5_000,
  catchUpMs: 1_000,
  decodeMs: 100,
  clientTokens: 20_000,
  drawnTokens: 4_000,
};

export const quick: Intensity = {
  rounds: 1,
  warmUpRounds: 1,
  flatOutMs: 500,
  pacedMs: 1_000,
  openStreams: [500, 1_000],
  settleMs: 500,
  leavingWithinMs: 500,
  stalledMs: 1_000,
  catchUpMs: 300,
  decodeMs: 20,
  clientTokens: 20_000,
  drawnTokens: 1_000,
};
