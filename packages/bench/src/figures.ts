/** What is measured, for one column of a scenario's table. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** Digits after the point. */
  readonly decimals: number;
  /** The comparison shown beside each other contender's figure. @defaultValue nothing */
  readonly beside?: Comparison;
}

export interface Comparison {
  readonly contender: string;
  readonly as: "ratio" | "difference";
}

/** The samples of all counted rounds of one measure. */
export interface Figure {
  readonly scenario: string;
  readonly contender: string;
  readonly measure: string;
  readonly unit: string;
  readonly samples: readonly number[];
}

/** Samples of one contender, by the name of their measure. */
export type Samples = Readonly<Record<string, number>>;

/** Who could not be measured. */
export interface Absence {
  readonly scenario: string;
  readonly contender: string;
  readonly why: string;
}

export interface FigureBook {
  note(contender: string, samples: Samples): void;
  noteAbsence(contender: string, why: string): void;
  readonly figures: readonly Figure[];
  readonly absences: readonly Absence[];
}

/** @throws Error when a sample is noted for a measure that the scenario does not have. */
export function createFigureBook(scenario: string, measures: readonly Measure[]): FigureBook {
  const figures: (Figure & { readonly samples: number[] })[] = [];
  const absences: Absence[] = [];
  return {
    figures,
    absences,
    noteAbsence(contender, why) {
      const isKnown = absences.some((known) => known.contender === contender && known.why === why);
      if (!isKnown) absences.push({ scenario, contender, why });
    },
    note(contender, samples) {
      for (const [name, value] of Object.entries(samples)) {
        const measure = measures.find((known) => known.name === name);
        if (measure === undefined) throw new Error(`${scenario} has no measure "${name}".`);
        const known = figures.find(
          (figure) => figure.contender === contender && figure.measure === name,
        );
        if (known !== undefined) known.samples.push(value);
        else {
          figures.push({
            scenario,
            contender,
            measure: name,
            unit: measure.unit,
            samples: [value],
          });
        }
      }
    },
  };
}
