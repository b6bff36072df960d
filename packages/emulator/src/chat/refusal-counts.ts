import type { ScenarioName } from "../scenarios/scenario-table.ts";

/** How often each scenario has refused since it last answered; for "once" and "twice". */
export interface RefusalCounts {
  of(scenario: ScenarioName): number;
  refused(scenario: ScenarioName): void;
  answered(scenario: ScenarioName): void;
  forget(): void;
}

export function createRefusalCounts(): RefusalCounts {
  const counts = new Map<ScenarioName, number>();
  const of = (scenario: ScenarioName): number => counts.get(scenario) ?? 0;

  return {
    of,
    refused: (scenario) => void counts.set(scenario, of(scenario) + 1),
    answered: (scenario) => void counts.delete(scenario),
    forget: () => counts.clear(),
  };
}
