import type { Absence } from "../figures.ts";
import type { Peer } from "../peers/peer.ts";
import type { Scenario } from "../scenario.ts";
import type { ChartPanel } from "./chart.ts";
import { markdownTable } from "./markdown.ts";
import type { Results } from "./results.ts";
import { scenarioTable } from "./scenario-table.ts";
import { judge, targets } from "./targets.ts";

export const chartPanels: readonly ChartPanel[] = [
  {
    title: "CPU per token, 100 streams of 50 tokens a second",
    scenario: "paced",
    measure: "CPU per token",
  },
  {
    title: "CPU per token, flat out, 1 token a chunk",
    scenario: "flat-out-1",
    measure: "CPU per token",
  },
  { title: "Memory of a stream, 2,000 open", scenario: "memory", measure: "2000 open" },
  {
    title: "Main thread of Chromium for 20,000 tokens",
    scenario: "client-chromium",
    measure: "main thread",
  },
];

/** The page `docs/performance.md`. */
export function performancePage(
  results: Results,
  scenarios: readonly Scenario[],
  peers: readonly Pick<Peer, "name" | "what">[],
): string {
  const sections = scenarios.map((scenario) => section(scenario, results));
  return `# Performance

Written by \`pnpm bench\`, which runs the relay and its peers beside each other; \`pnpm bench --help\` says how to run less of it.

${conditions(results)}

![Medians of the most important figures, as bars](performance.svg)

## What was aimed at

${targetTable(results)}

## Who was measured

${markdownTable(
  ["", "what it is"],
  peers.map(({ name, what }) => [name, what]),
)}

Peers before an OpenAI-compatible gateway are sent the same tokens in that API's events, which are about three times as long.

${sections.join("\n\n")}
`;
}

function conditions({ machine, rounds, isQuick, isPinned }: Results): string {
  const { processor, cores, memoryBytes, system, node, versions } = machine;
  const cautions = isQuick
    ? "\n\n**A quick run: its figures show only that everything works.**"
    : "";
  const places = isPinned
    ? "What is measured has one core for itself; readers, gateway and Redis share another."
    : "Processes are not pinned to cores: what measures and what is measured disturb each other.";
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cores} × ${processor}, ${Math.round(memoryBytes / 2 ** 30)} GiB, ${system}, Node ${node}. ${places} Everything runs on one machine over loopback: there is no network in these figures. Contenders take turns, ${rounds === 1 ? "one round" : `${rounds} rounds`}; figures are medians (least–most of the rounds), CPU is what Linux's scheduler gave to all threads of a process.${cautions}

Versions: ${list.join(", ")}.`;
}

function targetTable({ figures }: Results): string {
  const rows = targets.map((target) => {
    const verdict = judge(target, figures);
    if (verdict === undefined) return [target.text, "not measured", ""];
    const measured = `${Number(verdict.measured.toFixed(2))} ${target.unit}`;
    return [target.text, measured, verdict.isMet ? "met" : "**missed**"];
  });
  return markdownTable(["target", "measured", ""], rows);
}

function section(scenario: Scenario, { figures, absences }: Results): string {
  const { name, title, explanation } = scenario;
  const missing = absences.filter((absence) => absence.scenario === name).map(inWords);
  const parts = [`## ${title}`, explanation, scenarioTable(scenario, figures), ...missing];
  return parts.join("\n\n");
}

function inWords({ contender, why }: Absence): string {
  return `Without ${contender}: ${why}`;
}
