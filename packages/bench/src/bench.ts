import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, release, totalmem, type } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import manifest from "../package.json" with { type: "json" };
import { openLab } from "./lab.ts";
import { allPeers } from "./peers.ts";
import { performancePage, type Outcome, type Result } from "./report.ts";
import type { Contender, Sample, Scenario } from "./scenario.ts";
import * as client from "./scenarios/client.ts";
import * as kept from "./scenarios/kept-streams.ts";
import * as relay from "./scenarios/relay.ts";

const help = `pnpm bench [options]

  --only a,b        scenarios; all without it
  --peers a,b       peers; all without it
  --rounds n        how often each is measured; 3 without it
  --output folder   where performance.md goes; docs/ without it
`;

/** In the order of the page. */
const allScenarios: readonly Scenario[] = [
  relay.paced,
  relay.flatOut(1),
  relay.flatOut(10),
  relay.shortAnswers,
  relay.memory,
  relay.leaving,
  relay.stalledReaders,
  kept.resuming,
  kept.manyReaders,
  kept.keptHeap,
  kept.webSocket,
  client.clientInChromium,
  client.clientRendering,
  client.clientInNode,
  client.clientSize,
];

/** V8 still compiles what runs often until a contender has given about 10,000 answers. */
const warmUpRounds = 4;

const { values: options } = parseArgs({
  // pnpm passes on the "--" that separates its own options.
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    only: { type: "string" },
    peers: { type: "string" },
    rounds: { type: "string", default: "3" },
    output: { type: "string", default: fileURLToPath(new URL("../../../docs", import.meta.url)) },
    help: { type: "boolean", default: false },
  },
});
// On exit, child processes are killed.
process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));
if (options.help) process.stdout.write(help);
else await run();

async function run(): Promise<void> {
  const rounds = Number(options.rounds);
  if (!(rounds >= 1)) throw new Error(`--rounds (${options.rounds}) must be a number from 1.`);
  const scenarios = chosen(allScenarios, options.only);
  const peers = chosen(allPeers, options.peers);
  // pnpm runs scripts in their package's folder.
  const folder = resolve(process.env["INIT_CWD"] ?? "", options.output);
  const lab = await openLab();
  const results: Result[] = [];
  for (const scenario of scenarios) {
    log(scenario.title);
    const contenders = await scenario.contenders(lab, peers);
    results.push({ scenario, outcomes: await measure(contenders, rounds, scenario.isFresh) });
    await lab.endScenario();
  }
  const page = performancePage(results, peers, await describeConditions(rounds));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "performance.md"), page);
  process.stdout.write(page);
  process.exit();
}

/** @throws Error naming what there is, when a name is not among them. */
function chosen<Named extends { readonly name: string }>(
  all: readonly Named[],
  list: string | undefined,
): readonly Named[] {
  const known = all.map(({ name }) => name);
  const names = list?.split(",").map((name) => name.trim()) ?? known;
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`There is no ${unknown.join(", ")}; there are ${known.join(", ")}.`);
  }
  return all.filter(({ name }) => names.includes(name));
}

/**
 * Measures A B C A B C, so that other load on the machine affects all contenders alike, after rounds
 * that warm up. One that fails is skipped from then on.
 */
async function measure(
  contenders: readonly Contender[],
  rounds: number,
  isFresh = false,
): Promise<Outcome[]> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  const problems = new Map<string, string>();
  for (let round = isFresh ? 1 : 1 - warmUpRounds; round <= rounds; round += 1) {
    for (const { name, takeSample } of contenders) {
      if (problems.has(name)) continue;
      log(`  ${name}`);
      try {
        const sample = await takeSample();
        if (round > 0) samples.get(name)?.push(sample);
      } catch (problem) {
        problems.set(name, String(problem).split("\n", 1).join(""));
        log(`  failed: ${String(problem)}`);
      }
    }
  }
  return [...samples].map(([contender, taken]) => ({
    contender,
    samples: taken,
    problem: problems.get(contender),
  }));
}

async function describeConditions(rounds: number): Promise<string> {
  const packages = Object.keys(manifest.devDependencies);
  const versions = await Promise.all(packages.map(packageVersion));
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.version}. What is measured has one core for itself; readers, gateway and Redis share another. Everything runs on one machine over loopback: there is no network in these figures. Contenders take turns, rounds: ${rounds}, after ${warmUpRounds} that warm up where a process goes on from round to round; figures are medians (least–most of the rounds), CPU is what Linux's scheduler gave to all threads of a process.

Versions: ${versions.join(", ")}.`;
}

async function packageVersion(name: string): Promise<string> {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  const { version }: { version: string } = JSON.parse(await readFile(file, "utf8"));
  return `${name} ${version}`;
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
