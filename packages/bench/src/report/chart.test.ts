import { expect, test } from "vitest";
import { barChart } from "./chart.ts";

const panel = { title: "CPU <per> token", scenario: "paced", measure: "CPU" };

function figure(contender: string, samples: readonly number[]) {
  return { scenario: "paced", contender, measure: "CPU", unit: "µs", samples };
}

test("bars are as long as their medians, to the scale of the largest sample", () => {
  const chart = barChart([panel], [figure("pipe", [10, 20, 40]), figure("gatestream", [10])]);
  const widths = [...chart.matchAll(/<rect class="([^"]+)"[^>]* width="(\d+)"/g)];
  expect(widths.map(([, kind, width]) => [kind, width])).toEqual([
    ["bar", "220"],
    ["bar own", "110"],
  ]);
});

test("text is escaped", () => {
  const chart = barChart([panel], [figure("a & b", [1])]);
  expect(chart).toContain("CPU &lt;per&gt; token");
  expect(chart).toContain("a &amp; b");
});

test("a panel without figures, or with none that are numbers, is left out", () => {
  expect(barChart([panel], [])).not.toContain("<text");
  expect(barChart([panel], [figure("direct", [Number.NaN])])).not.toContain("<text");
});
