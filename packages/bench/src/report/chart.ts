import type { Figure } from "../figures.ts";
import { summarise, type Summary } from "../measuring/statistics.ts";

export interface ChartPanel {
  readonly title: string;
  readonly scenario: string;
  readonly measure: string;
}

/** One bar: a contender's median, and how far its rounds lie apart. */
interface Bar {
  readonly contender: string;
  readonly unit: string;
  readonly summary: Summary;
}

const width = 720;
const barsLeft = 150;
const barsWidth = 440;
const rowHeight = 22;
const titleHeight = 34;

/**
 * Colours are those of the system's scheme, which may not be the page's: the ground is drawn too, so
 * that text is readable on every page.
 */
const style = `
  .ground { fill: #ffffff; }
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 14px; }
  .bar { fill: #8c959f; }
  .own { fill: #0969da; }
  .spread { stroke: #24292f; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; }
    text { fill: #e6edf3; }
    .bar { fill: #6e7681; }
    .own { fill: #58a6ff; }
    .spread { stroke: #e6edf3; }
  }`;

/** Bars of medians as SVG, panel below panel; one without figures is left out. */
export function barChart(panels: readonly ChartPanel[], figures: readonly Figure[]): string {
  let top = 0;
  let drawn = "";
  for (const panel of panels) {
    const bars = barsOf(panel, figures);
    if (bars.length === 0) continue;
    drawn += drawPanel(panel.title, bars, top);
    top += titleHeight + bars.length * rowHeight + 10;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" role="img" aria-label="Medians of the measurements">
<style>${style}
</style>
<rect class="ground" width="${width}" height="${top}" rx="6"/>
${drawn}</svg>
`;
}

function barsOf({ scenario, measure }: ChartPanel, figures: readonly Figure[]): Bar[] {
  return figures
    .filter((figure) => figure.scenario === scenario && figure.measure === measure)
    .map(({ contender, unit, samples }) => ({ contender, unit, summary: summarise(samples) }))
    .filter(({ summary }) => Number.isFinite(summary.median));
}

function drawPanel(title: string, bars: readonly Bar[], top: number): string {
  const largest = Math.max(...bars.map(({ summary }) => summary.max), Number.MIN_VALUE);
  const scale = (value: number): number => Math.round((barsWidth * value) / largest);
  const rows = bars.map(({ contender, unit, summary: { median, min, max } }, row) => {
    const y = top + titleHeight + row * rowHeight;
    const middle = y + 8;
    const kind = contender === "gatestream" ? "bar own" : "bar";
    return (
      `<text x="${barsLeft - 8}" y="${y + 12}" text-anchor="end">${escaped(contender)}</text>` +
      `<rect class="${kind}" x="${barsLeft}" y="${y}" width="${scale(median)}" height="16" rx="2"/>` +
      `<path class="spread" d="M${barsLeft + scale(min)} ${middle}H${barsLeft + scale(max)}"/>` +
      `<text x="${barsLeft + scale(max) + 8}" y="${y + 12}">${inDigits(median)} ${escaped(unit)}</text>\n`
    );
  });
  return `<text class="title" x="0" y="${top + 18}">${escaped(title)}</text>\n${rows.join("")}`;
}

/** Three digits that count, never as a power of ten. */
function inDigits(value: number): string {
  const digits = value.toPrecision(3);
  return Number(digits) >= 1000 ? Number(digits).toLocaleString("en-US") : digits;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
