import { expect, test } from "vitest";
import { scenarioTable } from "./scenario-table.ts";

const beside = { contender: "pipe", as: "ratio" } as const;
const cpu = { name: "CPU", unit: "µs", decimals: 1, beside };
const size = { name: "size", unit: "", decimals: 0 };
const scenario = { name: "paced", measures: [cpu, size] };

function figure(contender: string, measure: string, samples: readonly number[]) {
  return { scenario: "paced", contender, measure, unit: "µs", samples };
}

test("a cell has the median, the range and the ratio to the reference", () => {
  const table = scenarioTable(scenario, [
    figure("pipe", "CPU", [2, 4, 3]),
    figure("ours", "CPU", [6, 6.3, 5.9]),
    figure("ours", "size", [7]),
  ]);
  const [head, , ...rows] = table.split("\n").map((line) => line.replaceAll(/ +/g, " "));
  expect(head).toBe("| | CPU, µs | size |");
  expect(rows).toEqual(["| pipe | 3.0 (2.0–4.0) | – |", "| ours | 6.0 (5.9–6.3), 2.00 × | 7 |"]);
});

test.each([
  { own: 5.5, expected: "5.5, +1.5" },
  { own: 3, expected: "3.0, -1.0" },
])("a difference says which way: $expected", ({ own, expected }) => {
  const latency = { ...cpu, beside: { ...beside, as: "difference" as const } };
  const figures = [figure("pipe", "CPU", [4]), figure("ours", "CPU", [own])];
  expect(scenarioTable({ ...scenario, measures: [latency] }, figures)).toContain(expected);
});

test("figures of other scenarios are not in it", () => {
  const other = { ...figure("pipe", "CPU", [1]), scenario: "memory" };
  expect(scenarioTable(scenario, [other])).not.toContain("pipe");
});

test("many measures stand below each other", () => {
  const measures = Array.from({ length: 7 }, (_, at) => ({ ...size, name: `size ${at}` }));
  const table = scenarioTable({ ...scenario, measures }, [figure("pipe", "size 6", [5])]);
  expect(table.split("\n")).toHaveLength(9);
  expect(table).toMatch(/\| size 6 +\| 5 +\|$/);
});
