import type { Figure, Measure } from "../figures.ts";
import { summarise } from "../measuring/statistics.ts";
import type { Scenario } from "../scenario.ts";
import { markdownTable } from "./markdown.ts";
import { samplesOf } from "./results.ts";

/** A table that gets wider than this is turned on its side. */
const mostMeasuresAcross = 6;

type Shape = Pick<Scenario, "name" | "measures">;

/** What a scenario found: medians, least to most, and ratios to the reference. */
export function scenarioTable(scenario: Shape, figures: readonly Figure[]): string {
  const { name, measures } = scenario;
  const here = figures.filter((figure) => figure.scenario === name);
  const contenders = [...new Set(here.map(({ contender }) => contender))];
  const cell = (contender: string, measure: Measure): string =>
    figureCell(scenario, here, { contender, measure });
  if (measures.length > mostMeasuresAcross) {
    return markdownTable(
      ["", ...contenders],
      measures.map((measure) =>
        [headOf(measure)].concat(contenders.map((contender) => cell(contender, measure))),
      ),
    );
  }
  return markdownTable(
    ["", ...measures.map(headOf)],
    contenders.map((contender) =>
      [contender].concat(measures.map((measure) => cell(contender, measure))),
    ),
  );
}

function headOf({ name, unit }: Measure): string {
  return unit === "" ? name : `${name}, ${unit}`;
}

function figureCell(
  { name }: Shape,
  figures: readonly Figure[],
  { contender, measure }: { readonly contender: string; readonly measure: Measure },
): string {
  const at = { scenario: name, contender, measure: measure.name };
  const { median, min, max } = summarise(samplesOf({ figures }, at));
  if (Number.isNaN(median)) return "–";
  const [middle, least, most] = [median, min, max].map((value) => value.toFixed(measure.decimals));
  const range = least === most ? "" : ` (${least}–${most})`;
  return `${middle}${range}${comparison()}`;

  function comparison(): string {
    const { beside } = measure;
    if (beside === undefined || contender === beside.contender) return "";
    const { contender: reference, as } = beside;
    const { median: other } = summarise(samplesOf({ figures }, { ...at, contender: reference }));
    if (Number.isNaN(other)) return "";
    if (as === "ratio") return `, ${(median / other).toFixed(2)} ×`;
    const difference = median - other;
    return `, ${difference < 0 ? "" : "+"}${difference.toFixed(measure.decimals)}`;
  }
}
