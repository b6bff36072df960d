import { allReaders, readerUrl } from "../client/all-readers.ts";
import { startAnswerServer } from "../client/answer-server.ts";
import type { InNodeDeeds } from "../client/in-node.ts";
import type { Intensity } from "../intensity.ts";
import { callsTo } from "../processes/calls.ts";
import { ownProgram } from "../processes/processes.ts";
import type { Scenario } from "../scenario.ts";
import { measureInTurns } from "./measure-in-turns.ts";

/** In a row: one alone is mostly a matter of when its process compiles and collects garbage. */
const answers = 5;

/** What reading costs outside of a browser. */
export function clientInNode({ clientTokens }: Intensity): Scenario {
  return {
    name: "client-node",
    title: "Clients in Node",
    explanation: `${answers} answers of ${clientTokens.toLocaleString("en")} tokens, twenty a millisecond, read to their ends one after the other in a process of its own. Node's own fetch is in all of these figures; bare fetch is nothing else.`,
    measures: [
      {
        name: "CPU per token",
        unit: "µs",
        decimals: 2,
        beside: { contender: "bare fetch", as: "ratio" },
      },
    ],
    async run(lab, book) {
      const server = await startAnswerServer({ tokens: clientTokens, scripts: new Map() });
      const possible = allReaders.filter(({ name, whyNotInNode }) => {
        if (whyNotInNode !== undefined) book.noteAbsence(name, whyNotInNode);
        return whyNotInNode === undefined;
      });
      const contenders = await Promise.all(
        possible.map(async (reader) => {
          const running = lab.processes.start(ownProgram("client-in-node"), "measured");
          const calls = await callsTo<InNodeDeeds>(running.child);
          await calls.load(readerUrl(reader).href);
          return { name: reader.name, calls, running };
        }),
      );
      try {
        await measureInTurns(lab, book, {
          contenders,
          async sample({ calls }) {
            const { delivered, cpuMicroseconds } = await calls.read({
              baseUrl: server.url,
              answers,
            });
            if (delivered < answers * clientTokens) throw new Error(`It read ${delivered} tokens.`);
            return { "CPU per token": cpuMicroseconds / (answers * clientTokens) };
          },
        });
      } finally {
        server.close();
        await Promise.all(contenders.map(({ running }) => running.stop()));
      }
    },
  };
}
