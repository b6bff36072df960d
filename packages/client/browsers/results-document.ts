import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import { allBehaviours } from "./behaviours/all-behaviours.ts";
import type { EngineResults } from "./results.ts";

const root = new URL("../../../", import.meta.url);
const path = fileURLToPath(new URL("docs/browsers.md", root));
const formatter = fileURLToPath(new URL("node_modules/.bin/oxfmt", root));

/** What a cell says of a behaviour that could not be looked at; the reason stands below. */
const notLookedAt = "not looked at";

const columnNames: Readonly<Record<string, string>> = { WebKit: "WebKitGTK" };

/** Writes the page from a run in which every engine took part. */
export async function writeDocument(
  run: readonly EngineResults[],
  engineCount: number,
): Promise<void> {
  if (run.length < engineCount) throw new Error("An engine is missing: its column would be lost.");
  await writeFile(path, documentOf(run));
  // It aligns the tables.
  await promisify(execFile)(formatter, [path]);
}

/** @throws what a failed expectation throws, where the page says something else than the run. */
export async function checkDocument(run: readonly EngineResults[]): Promise<void> {
  const lines = (await readFile(path, "utf8")).split("\n");
  const written = (line: string): readonly string[] => line.split("|").map((cell) => cell.trim());
  const header = lines.map(written).find((cells) => cells[2]?.startsWith("Chromium")) ?? [];
  for (const { engine, outcomes } of run) {
    const column = header.findIndex((cell) => cell.startsWith(columnNames[engine] ?? engine));
    const inDocument = behaviours().map(({ name }) => {
      const row = lines.map(written).find((cells) => cells[1] === escaped(name));
      return `${name}: ${row?.[column]}`;
    });
    expect(inDocument, "run with UPDATE_DOCS=1 to write the page anew").toEqual(
      behaviours().map(({ name }) => `${name}: ${cellOf(outcomes.get(name))}`),
    );
    const reasons = reasonsOf({ engine, outcomes }).filter((reason) => !lines.includes(reason));
    expect(reasons, "these lines are missing").toEqual([]);
  }
}

function documentOf(run: readonly EngineResults[]): string {
  const columns = run.map(({ engine, version }) => `${columnNames[engine] ?? engine} ${version}`);
  const rule = `| --- |${" --- |".repeat(run.length)}`;
  const tables = Object.entries(allBehaviours).map(([title, group]) => {
    const rows = group.map(({ name }) => {
      const cells = run.map(({ outcomes }) => cellOf(outcomes.get(name)));
      return `| ${escaped(name)} | ${cells.join(" | ")} |`;
    });
    return `## ${title}\n\n| | ${columns.join(" | ")} |\n${rule}\n${rows.join("\n")}\n`;
  });
  const figures = [...new Set(run.flatMap((each) => [...each.figures.keys()]))].map((what) => {
    const cells = run.map((each) => each.figures.get(what) ?? notLookedAt);
    return `| ${what} | ${cells.join(" | ")} |`;
  });
  return `# Browsers

What \`npm test\` looks at in real browsers, with the built client, a real relay and a network that really fails: a TCP proxy between them resets, stalls, throttles, splits and refuses. The same tests run in each engine. The page is written by \`UPDATE_DOCS=1 pnpm test:engines\`, and a test holds it against every run.

${tables.join("\n")}
## What could not be looked at

Reported as skipped by the tests, and never counted as passed.

${run.flatMap(reasonsOf).join("\n")}

## Figures

From the run that wrote this page; no test depends on them.

| | ${columns.join(" | ")} |
${rule}
${figures.join("\n")}
`;
}

function behaviours() {
  return Object.values(allBehaviours).flat();
}

function cellOf(outcome: string | undefined): string {
  if (outcome === undefined) return "failed";
  return outcome === "yes" ? outcome : notLookedAt;
}

function reasonsOf({ engine, outcomes }: Pick<EngineResults, "engine" | "outcomes">): string[] {
  return [...outcomes]
    .filter(([, outcome]) => outcome !== "yes")
    .map(([name, outcome]) => `- ${columnNames[engine] ?? engine}, ${escaped(name)}: ${outcome}.`);
}

function escaped(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}
