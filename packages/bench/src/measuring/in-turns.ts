export interface Rounds {
  readonly rounds: number;
  /** Rounds before those that count: programs get fast only as they run. */
  readonly warmUpRounds: number;
}

/**
 * Visits A B C A B C, so that other load on the machine affects all contenders alike. `sample`
 * receives whether its round counts.
 */
export async function inTurns<Contender>(
  contenders: readonly Contender[],
  { rounds, warmUpRounds }: Rounds,
  sample: (contender: Contender, isCounted: boolean) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    for (const contender of contenders) await sample(contender, round >= warmUpRounds);
  }
}
