import type { Ability, Page } from "../engines/engine.ts";
import type { Lab } from "../lab/lab.ts";

/** One thing that has to be so in every engine. */
export interface Behaviour {
  readonly name: string;
  /** Without it there is nothing to see: the engine's driver says why. */
  readonly needs?: Ability;
  /** @throws what a failed expectation throws. */
  run(scene: Scene): Promise<void>;
}

/** Where a behaviour is looked at: a fresh page, and a network in which everything passes. */
export interface Scene {
  readonly page: Page;
  readonly lab: Lab;
  /** Opens another page, which the test closes. */
  open(): Promise<Page>;
  /** Ends the test as not done, because of what the engine is. */
  skip(reason: string): never;
  /** Writes a figure down. It is told, and nothing hangs on it. */
  measured(what: string, value: string): void;
}
