import type { Behaviour } from "./behaviours/behaviour.ts";

/** What one engine's run has come to. */
export interface EngineResults {
  readonly engine: string;
  readonly version: string;
  /** By the behaviour's name: `yes`, or why it could not be looked at. What failed is missing. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** Figures, by what was measured. */
  readonly figures: ReadonlyMap<string, string>;
}

/** Gathers what the engines' tests tell. */
export interface Results {
  began(engine: string, version: string): void;
  told(engine: string, behaviour: Behaviour, outcome: string): void;
  measured(engine: string, what: string, value: string): void;
  /** Of the engines that were there. */
  all(): readonly EngineResults[];
}

/** @param names Every engine, in the order in which people read of them. */
export function createResults(names: readonly string[]): Results {
  const engines = new Map<
    string,
    { engine: string; version: string; outcomes: Map<string, string>; figures: Map<string, string> }
  >();
  return {
    began(engine, version) {
      engines.set(engine, { engine, version, outcomes: new Map(), figures: new Map() });
    },
    told: (engine, { name }, outcome) => void engines.get(engine)?.outcomes.set(name, outcome),
    measured: (engine, what, value) => void engines.get(engine)?.figures.set(what, value),
    all: () => names.flatMap((name) => engines.get(name) ?? []),
  };
}
