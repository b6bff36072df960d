import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { help, readArguments, type BenchArguments } from "./arguments.ts";
import { createFigureBook } from "./figures.ts";
import { full, quick } from "./intensity.ts";
import { openLab } from "./lab.ts";
import { describeMachine } from "./measuring/machine.ts";
import { allPeers } from "./peers/all-peers.ts";
import { createProcesses } from "./processes/processes.ts";
import { barChart } from "./report/chart.ts";
import { compareResults } from "./report/comparison.ts";
import { chartPanels, performancePage } from "./report/page.ts";
import type { Results } from "./report/results.ts";
import { allScenarios } from "./scenarios/all-scenarios.ts";
import { measuredVersions } from "./versions.ts";

const docs = fileURLToPath(new URL("../../../docs/", import.meta.url));

async function run(options: BenchArguments): Promise<void> {
  const defaults = options.isQuick ? quick : full;
  const intensity = { ...defaults, rounds: options.rounds ?? defaults.rounds };
  const scenarios = chosen(allScenarios(intensity), options.only);
  const peers = chosen(allPeers, options.peers);
  const earlier =
    options.compare === undefined ? undefined : await readResults(fromCaller(options.compare));

  const processes = createProcesses();
  const lab = await openLab({ intensity, peers, processes, log });
  const books = scenarios.map(({ name, measures }) => createFigureBook(name, measures));
  try {
    for (const [index, scenario] of scenarios.entries()) {
      const book = books[index];
      if (book === undefined) continue;
      log(scenario.title);
      await scenario.run(lab, book).catch((problem: unknown) => {
        log(`  failed: ${String(problem)}`);
        book.noteAbsence("the rest", String(problem));
      });
    }
  } finally {
    await lab.close();
  }

  const results: Results = {
    machine: describeMachine(measuredVersions()),
    rounds: intensity.rounds,
    isQuick: options.isQuick,
    isPinned: processes.isPinned,
    figures: books.flatMap(({ figures }) => figures),
    absences: books.flatMap(({ absences }) => absences),
  };
  const page = performancePage(results, scenarios, peers);
  const folder = options.output === undefined ? docs : fromCaller(options.output);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "performance.md"), page);
  await writeFile(join(folder, "performance.svg"), barChart(chartPanels, results.figures));
  await writeFile(join(folder, "performance.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  process.stdout.write(page);
  if (earlier !== undefined) process.stdout.write(`\n${compareResults(earlier, results)}\n`);
}

/** @throws Error naming what there is, when a name is not among them. */
function chosen<Named extends { readonly name: string }>(
  all: readonly Named[],
  names: readonly string[],
): readonly Named[] {
  const known = all.map(({ name }) => name);
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length > 0) {
    throw new Error(`There is no ${strange.join(", ")}; there are ${known.join(", ")}.`);
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** pnpm runs scripts in their package's folder. */
function fromCaller(path: string): string {
  return resolve(process.env["INIT_CWD"] ?? "", path);
}

async function readResults(path: string): Promise<Results> {
  return JSON.parse(await readFile(path, "utf8"));
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

// On exit, child processes are stopped: see createProcesses.
process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));

const args = process.argv.slice(2);
if (args.includes("--help")) process.stdout.write(help);
else await run(readArguments(args));
