import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { textOfToken } from "../client/answer.ts";
import { startAnswerServer, type AnswerServerOptions } from "../client/answer-server.ts";
import type { DrawnAnswer } from "../client/draw.ts";
import type { ReadAnswers, ReadOptions } from "../client/in-node.ts";
import { bundleOf, callInPage, launchChromium } from "../client/page.ts";
import type { Lab } from "../lab.ts";
import { pinThisProcess, startProcess } from "../processes.ts";
import type { Contender, Sample, Scenario } from "../scenario.ts";

/** A function of a page, in `client/<module>.ts`. */
type PageFunction = readonly [name: string, module: string, functionName: string];

const readers: readonly PageFunction[] = [
  ["bare fetch", "readers", "bareFetch"],
  ["gatestream", "readers", "gatestream"],
  ["fetch-event-source", "readers", "fetchEventSourceOfMicrosoft"],
  ["eventsource-client", "readers", "eventSourceClient"],
  ["EventSource", "readers", "eventSource"],
  ["ai-sdk", "readers", "aiSdk"],
];

/** One needs a window, and Node has none of the other. */
const browserReaders = ["fetch-event-source", "EventSource"];

const drawings: readonly PageFunction[] = [
  ["no framework", "draw", "withoutFramework"],
  ["@gatestream/react", "draw-with-react", "withHook"],
  ["@gatestream/vue", "draw-with-vue", "withComposable"],
  ["React, a state for each token", "draw-with-react", "withState"],
  ["Vue, a ref for each token", "draw-with-vue", "withRef"],
];

const longAnswer = { tokens: 20_000, tokensPerSecond: 20_000 };
const drawnAnswer = { tokens: 2_000, tokensPerSecond: 2_000 };

/** What reading takes of the thread that a page is drawn in. */
export const clientInChromium: Scenario = {
  name: "client-chromium",
  title: "Clients in Chromium",
  explanation:
    "An answer of 20,000 tokens, 20,000 a second, read to its end by a page that draws nothing. The browser is not pinned to a core.",
  measures: [{ name: "main thread", unit: "ms", decimals: 0, beside: "bare fetch" }],
  contenders: (lab) =>
    pages(lab, readers, longAnswer, (delivered: number) => {
      checkWhole(delivered, longAnswer.tokens);
      return {};
    }),
};

/** What drawing takes of a page, and how often it happens. */
export const clientRendering: Scenario = {
  name: "client-rendering",
  title: "Pages that draw an answer",
  explanation:
    "An answer of 2,000 tokens, 2,000 a second, shown as one growing paragraph; React and Vue are built for production. " +
    "All pages read with gatestream's client. With a state or a ref for each token, `onToken` adds to it; the others are told at most once a frame. " +
    "Tokens that come in one piece are rendered together all the same, so how often that is depends on how the network cuts the answer. " +
    "The main thread's time is the whole answer's, with reading, layout and paint.",
  measures: [
    { name: "renders a second", unit: "", decimals: 0 },
    { name: "main thread", unit: "ms", decimals: 0, beside: "no framework" },
  ],
  contenders: (lab) =>
    pages(lab, drawings, drawnAnswer, ({ text, rendersPerSecond }: DrawnAnswer) => {
      checkWhole(text.length / textOfToken.length, drawnAnswer.tokens);
      return { "renders a second": rendersPerSecond };
    }),
};

/** Contenders that each have a page of their own in one Chromium. */
async function pages<Result>(
  lab: Lab,
  functions: readonly PageFunction[],
  answer: Omit<AnswerServerOptions, "scripts">,
  sampleOf: (result: Result) => Sample,
): Promise<Contender[]> {
  const scripts = new Map<string, string>();
  for (const [name, module, functionName] of functions) {
    scripts.set(encodeURIComponent(name), await bundleOf(module, functionName));
  }
  const server = await startAnswerServer({ ...answer, scripts });
  lab.defer(server.close);
  pinThisProcess("0,1");
  const browser = await launchChromium();
  lab.defer(() => browser.close());
  return functions.map(([name]) => ({
    name,
    async takeSample() {
      const pageUrl = `${server.url}/page/${encodeURIComponent(name)}`;
      const { result, mainThreadMs } = await callInPage<Result>(browser, pageUrl);
      return { ...sampleOf(result), "main thread": mainThreadMs };
    },
  }));
}

/** What reading costs outside of a browser. */
export const clientInNode: Scenario = {
  name: "client-node",
  title: "Clients in Node",
  explanation:
    "5 answers of 20,000 tokens, 20,000 a second, read to their ends one after the other in a process of its own. Node's own fetch is in all of these figures; bare fetch is nothing else.",
  measures: [{ name: "CPU per token", unit: "µs", decimals: 2, beside: "bare fetch" }],
  async contenders(lab) {
    pinThisProcess("1");
    const server = await startAnswerServer({ ...longAnswer, scripts: new Map() });
    lab.defer(server.close);
    // One alone is mostly a matter of when its process compiles and collects garbage.
    const answers = 5;
    const program = fileURLToPath(new URL("client/in-node.js", import.meta.url));
    return readers
      .filter(([name]) => !browserReaders.includes(name))
      .map(([name, , functionName]) => {
        const running = startProcess(
          { program: process.execPath, args: [program], answers: true },
          "0",
        );
        lab.defer(running.stop);
        const order: ReadOptions = { reader: functionName, baseUrl: server.url, answers };
        return {
          name,
          async takeSample() {
            const read = await running.ask<ReadAnswers>(order);
            checkWhole(read.delivered, answers * longAnswer.tokens);
            return { "CPU per token": read.cpuMicroseconds / (answers * longAnswer.tokens) };
          },
        };
      });
  },
};

/** Bare fetch delivers bytes, which are more. */
function checkWhole(delivered: number, tokens: number): void {
  if (delivered < tokens) throw new Error(`It had ${delivered} of ${tokens} tokens.`);
}

/** What a page has to load before it can read. */
export const clientSize: Scenario = {
  name: "client-size",
  title: "What clients weigh",
  explanation:
    "A page's script that asks for an answer and reads it to the end, bundled and minified by esbuild.",
  measures: [
    { name: "minified", unit: "KiB", decimals: 1 },
    { name: "in gzip", unit: "KiB", decimals: 1 },
  ],
  isFresh: true,
  contenders: () =>
    readers.map(([name, module, functionName]) => ({
      name,
      async takeSample() {
        const script = await bundleOf(module, functionName);
        return {
          minified: Buffer.byteLength(script) / 2 ** 10,
          "in gzip": gzipSync(script, { level: 9 }).length / 2 ** 10,
        };
      },
    })),
};
