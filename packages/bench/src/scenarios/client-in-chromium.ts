import { allReaders, readerUrl } from "../client/all-readers.ts";
import type { PageCost } from "../client/chromium-page.ts";
import type { Intensity } from "../intensity.ts";
import type { Scenario } from "../scenario.ts";
import { measurePages } from "./measure-pages.ts";

/** What reading takes of the thread that a page is drawn in. */
export function clientInChromium({ clientTokens }: Intensity): Scenario {
  return {
    name: "client-chromium",
    title: "Clients in Chromium",
    explanation:
      `An answer of ${clientTokens.toLocaleString("en")} tokens, twenty a millisecond, read to its end by a page that draws nothing. ` +
      "Browsers tell of tasks from 50 ms on; 0 is none. The browser is not pinned to a core.",
    measures: [
      {
        name: "main thread",
        unit: "ms",
        decimals: 0,
        beside: { contender: "bare fetch", as: "ratio" },
      },
      { name: "longest task", unit: "ms", decimals: 0 },
    ],
    run: (lab, book) =>
      measurePages(lab, book, {
        contenders: allReaders,
        moduleOf: readerUrl,
        pageFunction: "readAnswer",
        answer: { tokens: clientTokens },
        samplesOf(delivered: number, cost: PageCost) {
          if (delivered < clientTokens) throw new Error(`It read ${delivered} tokens.`);
          return {
            "main thread": cost.mainThreadMs,
            "longest task": cost.longestTaskMs,
          };
        },
      }),
  };
}
