import type { Random } from "../answer/random.ts";
import type { EmulatorClock } from "../clock.ts";

export interface PacerOptions {
  readonly tokens: readonly string[];
  /** The mean; 0 means no waiting at all. */
  readonly tokensPerSecond: number;
  readonly random: Random;
  readonly clock: EmulatorClock;
  readonly signal: AbortSignal;
}

/** Resolves when the next token is due. */
export type Pacer = () => Promise<void>;

/** The share of an even pace that each token takes: sentences and lines end with a breath. */
export function paceWeights(tokens: readonly string[], random: Random): number[] {
  const weights = tokens.map((_, index) => {
    const breath = /[.!?\n]$/u.test(tokens[index - 1] ?? "") ? 2 : 1;
    return breath * (0.4 + 1.2 * random());
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (weight * tokens.length) / total);
}

/** Follows a schedule rather than adding up delays: late timers do not make the answer longer. */
export function createPacer(options: PacerOptions): Pacer {
  const { tokens, tokensPerSecond, random, clock, signal } = options;
  if (tokensPerSecond === 0) return async () => {};
  const evenMs = 1000 / tokensPerSecond;
  const weights = paceWeights(tokens, random);
  let position = 0;
  let dueAt: number | undefined;

  return async () => {
    dueAt = (dueAt ?? clock.now()) + evenMs * (weights[position] ?? 1);
    position += 1;
    const waitMs = dueAt - clock.now();
    // A timer cannot be shorter than 1 ms; the rest is made up by the schedule.
    if (waitMs >= 1) await clock.wait(waitMs, signal);
  };
}
