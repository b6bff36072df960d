import { cpus } from "node:os";
import type { Figure } from "./measure-in-turns.ts";

/** The figures as `docs/performance.md`, with each contender's ratio to `own`. */
export function performanceReport(figures: readonly Figure[], own: string): string {
  const names = [...new Set(figures.map(({ name }) => name))];
  const scenarios = [...new Set(figures.map(({ scenario }) => scenario))];
  const row = (scenario: string): string => {
    const here = figures.filter((figure) => figure.scenario === scenario);
    const ownMedian = here.find(({ name }) => name === own)?.median ?? Number.NaN;
    const cells = names.map((name) =>
      cell(
        here.find((figure) => figure.name === name),
        ownMedian,
      ),
    );
    return `| ${scenario} | ${cells.join(" | ")} |`;
  };
  return `# Performance

Written by \`pnpm bench\`: ${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}.

## What decoding costs

CPU nanoseconds for each byte of newline-delimited JSON, parsed: median (least–most) of the rounds, which take turns, and the ratio to ${own} in the same run. A line costs the same whatever its chunks are; what grows with smaller chunks is the handling of each chunk.

| | ${names.join(" | ")} |
| --- |${" --- |".repeat(names.length)}
${scenarios.map(row).join("\n")}
`;
}

function cell(figure: Figure | undefined, ownMedian: number): string {
  if (figure === undefined) return "too slow to measure";
  const { median, min, max } = figure;
  const ratio = median === ownMedian ? "" : `, ${(median / ownMedian).toFixed(1)} ×`;
  return `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})${ratio}`;
}
