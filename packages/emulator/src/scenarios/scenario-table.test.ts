import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { scenarioNames, scenarioSummary } from "./scenario-table.ts";

test("names are kebab-case and summaries are one line", () => {
  for (const name of scenarioNames) {
    expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(scenarioSummary(name)).toMatch(/^[^\n|]+$/);
  }
});

test("the README has exactly these scenarios and summaries", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const rows = readme.match(/^\| `[a-z-]+` .*$/gm) ?? [];
  const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  expect(cells.map(([, name, summary]) => [name, summary])).toEqual(
    scenarioNames.map((name) => [`\`${name}\``, scenarioSummary(name)]),
  );
});

test("every scenario is tested by name", () => {
  const tests = ["streams", "silences", "refusals", "../oauth/token-route", "../chat/chat-route"]
    .map((file) => readFileSync(new URL(`./${file}.test.ts`, import.meta.url), "utf8"))
    .join("");
  expect(scenarioNames.filter((name) => !tests.includes(name))).toEqual([]);
});
