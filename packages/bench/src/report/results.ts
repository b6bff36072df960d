import type { Absence, Figure } from "../figures.ts";
import type { Machine } from "../measuring/machine.ts";

/** Everything that one run found; what performance.json holds. */
export interface Results {
  readonly machine: Machine;
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly isPinned: boolean;
  readonly figures: readonly Figure[];
  readonly absences: readonly Absence[];
}

/** A figure of some results, as its samples. */
export function samplesOf(
  { figures }: Pick<Results, "figures">,
  { scenario, contender, measure }: Pick<Figure, "scenario" | "contender" | "measure">,
): readonly number[] {
  const found = figures.find(
    (figure) =>
      figure.scenario === scenario && figure.contender === contender && figure.measure === measure,
  );
  return found?.samples ?? [];
}
