import { expect, test } from "vitest";
import { performancePage } from "./page.ts";
import type { Results } from "./results.ts";

const scenario = {
  name: "paced",
  title: "Paced",
  explanation: "How it is done.",
  measures: [{ name: "CPU per token", unit: "µs", decimals: 1 }],
  run: async () => {},
};

function figure(contender: string, median: number) {
  const measure = "CPU per token";
  return { scenario: "paced", contender, measure, unit: "µs", samples: [median] };
}

const results: Results = {
  machine: {
    processor: "Some CPU",
    cores: 2,
    memoryBytes: 24 * 2 ** 30,
    system: "Linux 6",
    node: "v20.20.0",
    versions: { hono: "4.0.0" },
  },
  rounds: 3,
  isQuick: false,
  isPinned: true,
  figures: [figure("gatestream", 12.1), figure("pipe", 10)],
  absences: [{ scenario: "paced", contender: "nginx", why: "there is none" }],
};

const target = "100 streams of 50 tokens a second: CPU per token at most 1.2 × pipe";

function lineWith(page: string, text: string): string {
  const line = page.split("\n").find((candidate) => candidate.includes(text)) ?? "";
  return line.replaceAll(/ +/g, " ");
}

test("the page says where, what and how often", () => {
  const page = performancePage(results, [scenario], [{ name: "pipe", what: "Bytes." }]);
  for (const text of ["2 × Some CPU, 24 GiB", "v20.20.0", "hono 4.0.0", "3 rounds", "Bytes."]) {
    expect(page).toContain(text);
  }
  expect(page).not.toContain("quick");
});

test("a target that is missed is called missed", () => {
  const page = performancePage(results, [scenario], []);
  expect(lineWith(page, target)).toBe(`| ${target} | 1.21 × | **missed** |`);
});

test("a target that was not measured is not called met", () => {
  const page = performancePage({ ...results, figures: [] }, [scenario], []);
  expect(lineWith(page, target)).toBe(`| ${target} | not measured | |`);
});

test("who could not be measured is named, in its own scenario only", () => {
  const other = { ...scenario, name: "memory" };
  const page = performancePage(results, [scenario, other], []);
  expect(page.split("Without nginx: there is none")).toHaveLength(2);
});

test("a quick run warns of its own figures", () => {
  const page = performancePage({ ...results, isQuick: true }, [scenario], []);
  expect(page).toContain("A quick run: its figures show only that everything works.");
});
