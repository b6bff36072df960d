import { expect, test } from "vitest";
import { barChart } from "./chart.ts";

const panel = { title: "CPU <per> token", scenario: "paced", measure: "CPU" };

function figure(contender: string, samples: readonly number[]) {
  return { scenario: "paced", contender, measure: "CPU", unit: "µs", samples };
}

test("bars are as long as their medians, to the scale of the largest sample", () => {
  const chart = barChart([panel], [figure("pipe", [10, 20, 40]), figure("gatestream", [10])]);
  const widths = [...chart.matchAll(/<rect class="(bar[^"]*)"[^>]* width="(\d+)"/g)];
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

test("figures of a thousand and more are written in digits", () => {
  const figures = [
    figure("a", [1351]),
    figure("b", [24.44]),
    figure("c", [999.6]),
    figure("d", [0.1777]),
  ];
  const chart = barChart([panel], figures);
  const labels = [...chart.matchAll(/>([^<>]+) µs</g)].map(([, value]) => value);
  expect(labels).toEqual(["1,350", "24.4", "1,000", "0.178"]);
});

test("text is readable on a page of either scheme: the chart has a ground of its own", () => {
  const chart = barChart([panel], [figure("a", [1])]);
  expect(chart).toMatch(/<rect class="ground" width="720" height="\d+"/);
  const grounds = [...chart.matchAll(/\.ground \{ fill: (#\w+)/g)].map(([, colour]) => colour);
  const texts = [...chart.matchAll(/text \{[^}]*fill: (#\w+)/g)].map(([, colour]) => colour);
  expect(grounds).toEqual(["#ffffff", "#0d1117"]);
  expect(texts).toEqual(["#24292f", "#e6edf3"]);
});
