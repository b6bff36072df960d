import type { FigureBook, Measure } from "./figures.ts";
import type { Lab } from "./lab.ts";

/** One question, and how it is answered. */
export interface Scenario {
  /** For `--only` and in the JSON. */
  readonly name: string;
  readonly title: string;
  /** A description for readers of the report. */
  readonly explanation: string;
  readonly measures: readonly Measure[];
  run(lab: Lab, book: FigureBook): Promise<void>;
}
