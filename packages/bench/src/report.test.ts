import { expect, test } from "vitest";
import { scenarioTable, targetTable } from "./report.ts";

const cpu = { name: "CPU per answer", unit: "µs", decimals: 1, beside: "pipe" };
const size = { name: "size", unit: "", decimals: 0 };
const pipe = { contender: "pipe", samples: [2, 4, 3].map((us) => ({ "CPU per answer": us })) };
const own = { contender: "gatestream", samples: [{ "CPU per answer": 6.3, size: 7 }] };

test("a cell has the median, the range and the multiple of the reference", () => {
  const table = scenarioTable([cpu, size], [pipe, own]);
  const [head, , ...rows] = table.split("\n").map((line) => line.replaceAll(/ +/g, " "));
  expect(head).toBe("| | CPU per answer, µs | size |");
  expect(rows).toEqual(["| pipe | 3.0 (2.0–4.0) | – |", "| gatestream | 6.3, 2.10 × | 7 |"]);
});

test("a target is missed above what it allows, and not measured without the other", () => {
  const answers = { name: "short-answers", title: "Answers", explanation: "", measures: [cpu] };
  const row = (outcomes: readonly (typeof pipe | typeof own)[]): string | undefined =>
    targetTable([{ scenario: answers, outcomes }])
      .split("\n")
      .at(-1)
      ?.replaceAll(/ +/g, " ");
  const text = "| Answers: CPU per answer ÷ pipe |";
  expect(row([pipe, own])).toBe(`${text} 2.10 × | ≤ 2 × | ≤ 1.5 × | **missed** |`);
  expect(row([own])).toBe(`${text} not measured | ≤ 2 × | ≤ 1.5 × | |`);
});
