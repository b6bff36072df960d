import { median } from "./measuring.ts";
import type { Peer } from "./peers.ts";
import { directPath } from "./scenarios/kept-streams.ts";
import type { Measure, Sample, Scenario } from "./scenario.ts";

/** Medians of gatestream, as multiples of somebody else's unless that is empty. */
const targets: readonly (readonly [
  scenario: string,
  measure: string,
  beside: string,
  must: number,
  aim: number,
])[] = [
  ["paced", "CPU per token", "pipe", 1.2, 1],
  ["paced", "CPU per token", "tutorial", 0.75, 0.65],
  ["paced", "latency p99", "pipe", 1.5, 1.2],
  ["paced", "first token p99", "pipe", 1.5, 1.2],
  ["flat-out-1", "CPU per token", "pipe", 0.8, 0.6],
  ["flat-out-10", "CPU per token", "pipe", 1.3, 1],
  ["short-answers", "CPU per answer", "pipe", 2, 1.5],
  ["memory", "2000 open", "pipe", 1.25, 1.05],
  ["leaving", "last one gone after", "", 25, 16],
  ["stalled-readers", "growth", "", 20, 10],
  ["many-readers", "CPU per token and reader", directPath, 0.6, 0.4],
  ["kept-heap", "heap per byte counted", "", 1.3, 1.1],
];

/** What one contender of a scenario showed. */
export interface Outcome {
  readonly contender: string;
  /** One for each round that counts. */
  readonly samples: readonly Sample[];
  /** Why there are no more. */
  readonly problem?: string | undefined;
}

export interface Result {
  readonly scenario: Pick<Scenario, "name" | "title" | "explanation" | "measures">;
  readonly outcomes: readonly Outcome[];
}

/** The page `docs/performance.md`. */
export function performancePage(
  results: readonly Result[],
  peers: readonly Peer[],
  conditions: string,
): string {
  const peerTable = markdownTable(
    ["", "what it is"],
    peers.map(({ name, what }) => [name, what]),
  );
  return `# Performance

Written by \`pnpm bench\`, which runs the relay and its peers beside each other; \`pnpm bench --help\` says how to run less of it.

${conditions}

## Targets

${targetTable(results)}

## Who was measured

${peerTable}

${results.map(section).join("\n\n")}
`;
}

function section({ scenario, outcomes }: Result): string {
  const { title, explanation, measures } = scenario;
  const problems = outcomes.flatMap(({ contender, problem }) =>
    problem === undefined ? [] : [`Without ${contender}: ${problem}`],
  );
  return [`## ${title}`, explanation, scenarioTable(measures, outcomes), ...problems].join("\n\n");
}

/** Medians, least to most, and multiples of the reference. */
export function scenarioTable(measures: readonly Measure[], outcomes: readonly Outcome[]): string {
  const head = measures.map(({ name, unit }) => (unit === "" ? name : `${name}, ${unit}`));
  const rows = outcomes
    .map((outcome) => [
      outcome.contender,
      ...measures.map((measure) => figureCell(measure, outcome, outcomes)),
    ])
    .filter(([, ...cells]) => cells.some((cell) => cell !== none));
  return markdownTable(["", ...head], rows);
}

const none = "–";

function figureCell(measure: Measure, outcome: Outcome, all: readonly Outcome[]): string {
  const { name, decimals, beside } = measure;
  const samples = samplesOf(outcome, name);
  if (samples.length === 0) return none;
  const [least, most] = [Math.min(...samples), Math.max(...samples)].map((value) =>
    value.toFixed(decimals),
  );
  const range = least === most ? "" : ` (${least}–${most})`;
  const reference = all.find(({ contender }) => contender === beside);
  const ratio =
    reference === undefined || reference === outcome
      ? Number.NaN
      : median(samples) / median(samplesOf(reference, name));
  const multiple = Number.isNaN(ratio) ? "" : `, ${ratio.toFixed(2)} ×`;
  return `${median(samples).toFixed(decimals)}${range}${multiple}`;
}

function samplesOf({ samples }: Outcome, measure: string): number[] {
  return samples.map((sample) => sample[measure] ?? Number.NaN).filter(Number.isFinite);
}

/** What gatestream has to reach, and whether it has. */
export function targetTable(results: readonly Result[]): string {
  const rows = targets.flatMap(([name, measureName, beside, must, aim]) => {
    const result = results.find(({ scenario }) => scenario.name === name);
    const measure = result?.scenario.measures.find((known) => known.name === measureName);
    if (result === undefined || measure === undefined) return [];
    const medianOf = (wanted: string): number => {
      const outcome = result.outcomes.find(({ contender }) => contender === wanted);
      return outcome === undefined ? Number.NaN : median(samplesOf(outcome, measureName));
    };
    const unit = beside === "" ? ` ${measure.unit}`.trimEnd() : " ×";
    const measured = medianOf("gatestream") / (beside === "" ? 1 : medianOf(beside));
    const verdict = measured <= must ? "met" : "**missed**";
    return [
      [
        `${result.scenario.title}: ${measureName}${beside === "" ? "" : ` ÷ ${beside}`}`,
        Number.isNaN(measured) ? "not measured" : `${measured.toFixed(2)}${unit}`,
        `≤ ${must}${unit}`,
        `≤ ${aim}${unit}`,
        Number.isNaN(measured) ? "" : verdict,
      ],
    ];
  });
  return markdownTable(["", "measured", "must", "aim", ""], rows);
}

/** Every row has as many cells as `head`. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0), 3),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
