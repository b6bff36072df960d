import { expect, test } from "vitest";
import { compareResults } from "./comparison.ts";
import type { Results } from "./results.ts";

function results(contender: string, samples: readonly number[]): Results {
  const figure = { scenario: "paced", contender, measure: "CPU", unit: "µs", samples };
  const versions = {};
  const machine = { processor: "", cores: 2, memoryBytes: 1, system: "", node: "", versions };
  return {
    machine,
    rounds: 3,
    isQuick: false,
    isPinned: true,
    figures: [figure],
    absences: [],
  };
}

function lastCells(table: string): string[] {
  const row = table.split("\n").slice(2);
  return (row[0] ?? "").split("|").map((cell) => cell.trim());
}

test("a change beyond both runs' spread is marked", () => {
  const table = compareResults(results("pipe", [9, 10, 11]), results("pipe", [6, 5, 7]));
  expect(lastCells(table).slice(3, 8)).toEqual(["CPU, µs", "10.00", "6.000", "-40.0 %", "yes"]);
});

test("a change within the spread is not", () => {
  const table = compareResults(results("pipe", [9, 10, 11]), results("pipe", [10.5, 11, 12]));
  expect(lastCells(table).slice(6, 8)).toEqual(["+10.0 %", ""]);
});

test("one round says nothing about spread", () => {
  const table = compareResults(results("pipe", [9, 10]), results("pipe", [5]));
  expect(lastCells(table).slice(6, 8)).toEqual(["-47.4 %", ""]);
});

test("what only one run has measured is left out", () => {
  const table = compareResults(results("pipe", [1]), results("nginx", [1]));
  expect(table.split("\n")).toHaveLength(2);
});
