import type { ScenarioName } from "../scenarios/scenario-table.ts";

/** How often each scenario was played; for "once", "twice" and "every second chat". */
export interface PlayCounts {
  /** Counts a chat that plays the scenario; returns how many did before. */
  count(scenario: ScenarioName): number;
  forget(): void;
}

export function createPlayCounts(): PlayCounts {
  const counts = new Map<ScenarioName, number>();

  return {
    count(scenario) {
      const before = counts.get(scenario) ?? 0;
      counts.set(scenario, before + 1);
      return before;
    },
    forget: () => counts.clear(),
  };
}
