import { summarise, type Summary } from "../measuring/statistics.ts";
import { markdownTable } from "./markdown.ts";
import { samplesOf, type Results } from "./results.ts";

/** How the medians of two runs differ; only what both have measured. */
export function compareResults(earlier: Results, later: Results): string {
  const rows = later.figures.flatMap((figure) => {
    const before = summarise(samplesOf(earlier, figure));
    const after = summarise(figure.samples);
    if (Number.isNaN(before.median) || Number.isNaN(after.median)) return [];
    const { scenario, contender, measure, unit } = figure;
    return [
      [
        scenario,
        contender,
        unit === "" ? measure : `${measure}, ${unit}`,
        before.median.toPrecision(4),
        after.median.toPrecision(4),
        difference(before.median, after.median),
        isBeyondSpread(before, after) ? "yes" : "",
      ],
    ];
  });
  return markdownTable(
    ["scenario", "contender", "measure", "before", "after", "change", "beyond spread"],
    rows,
  );
}

/** Ranges that do not touch are more than the rounds' own spread; one round has none. */
function isBeyondSpread(before: Summary, after: Summary): boolean {
  if (before.min === before.max || after.min === after.max) return false;
  return after.min > before.max || after.max < before.min;
}

function difference(before: number, after: number): string {
  if (before === 0) return after === 0 ? "0 %" : "new";
  const percent = (100 * (after - before)) / before;
  return `${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;
}
