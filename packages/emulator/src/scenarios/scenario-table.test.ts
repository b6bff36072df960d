import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import {
  scenarioDialects,
  scenarioDialectsText,
  scenarioNames,
  scenarioSummary,
} from "./scenario-table.ts";

test("names are kebab-case and summaries are one line", () => {
  for (const name of scenarioNames) {
    expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(scenarioSummary(name)).toMatch(/^[^\n|]+$/);
  }
});

test("the README has exactly these scenarios, dialects and summaries", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const rows = readme.match(/^\| `[a-z-]+` .*$/gm) ?? [];
  const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  expect(cells.map(([, name, dialects, summary]) => [name, dialects, summary])).toEqual(
    scenarioNames.map((name) => [`\`${name}\``, scenarioDialectsText(name), scenarioSummary(name)]),
  );
});

function textOfTests(...files: string[]): string {
  return files
    .map((file) => readFileSync(new URL(`./${file}.test.ts`, import.meta.url), "utf8"))
    .join("");
}

test("every scenario is tested by name, and again at each endpoint that plays it", () => {
  const genesysTests = textOfTests(
    "streams",
    "silences",
    "refusals",
    "gzip",
    "../oauth/token-route",
    "../chat/chat-route",
    "typed",
  );
  expect(scenarioNames.filter((name) => !genesysTests.includes(name))).toEqual([]);
  const openaiTests = textOfTests("openai-streams", "openai-refusals", "typed");
  expect(
    scenarioNames.filter(
      (name) =>
        scenarioDialects(name).includes("openai") && !RegExp(`"${name}[":]`).test(openaiTests),
    ),
  ).toEqual([]);
});
