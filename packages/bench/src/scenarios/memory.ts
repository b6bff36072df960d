import { setTimeout as sleep } from "node:timers/promises";
import type { Intensity } from "../intensity.ts";
import { residentBytes } from "../measuring/process-usage.ts";
import type { Scenario } from "../scenario.ts";
import { besidePeers } from "./beside-peers.ts";

/** What a stream that is open and silent holds. */
export function memory({ openStreams }: Intensity): Scenario {
  return {
    name: "memory",
    title: "Memory of open streams",
    explanation:
      "A fresh process, one answer, then streams that fall silent after their first token. " +
      "What is resident then, less what was before, for each stream.",
    measures: [
      { name: "at rest", unit: "MiB", decimals: 0 },
      ...openStreams.map((count) => ({
        name: measureName(count),
        unit: "KiB a stream",
        decimals: 1,
        beside: { contender: "pipe", as: "ratio" } as const,
      })),
    ],
    async run(lab, book) {
      await besidePeers(lab, book, {
        peers: lab.peers.filter(({ command }) => command !== undefined),
        areFresh: true,
        async sample({ name, target, processId }) {
          await lab.upstream.follow({ tokens: 10, tokensPerChunk: 1, everyMs: 0 });
          await lab.load.exhaust({ target, streams: 1, durationMs: 0, tokensPerStream: 10 });
          await lab.upstream.follow({ tokens: 0, tokensPerChunk: 1, everyMs: Infinity });
          await sleep(lab.intensity.settleMs);
          const atRest = await residentBytes(processId);
          const samples: Record<string, number> = { "at rest": atRest / 2 ** 20 };
          let opened = 0;
          for (const count of lab.intensity.openStreams) {
            try {
              await lab.load.open({ target, streams: count - opened, staggerMs: 0 });
            } catch (problem) {
              // What it held before it broke down counts all the same.
              book.noteAbsence(`${name} at ${count} streams`, String(problem));
              break;
            }
            opened = count;
            await sleep(lab.intensity.settleMs);
            samples[measureName(count)] =
              ((await residentBytes(processId)) - atRest) / count / 2 ** 10;
          }
          return samples;
        },
      });
    },
  };
}

function measureName(count: number): string {
  return `${count} open`;
}
