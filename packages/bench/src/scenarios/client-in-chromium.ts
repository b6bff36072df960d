import { allReaders } from "../client/all-readers.ts";
import { startAnswerServer } from "../client/answer-server.ts";
import { bundleOf } from "../client/bundle.ts";
import { launchChromium, readInPage, whyNoChromium } from "../client/chromium-page.ts";
import type { Intensity } from "../intensity.ts";
import type { Scenario } from "../scenario.ts";
import { measureInTurns } from "./measure-in-turns.ts";

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
    async run(lab, book) {
      if (whyNoChromium !== undefined) {
        book.noteAbsence("Chromium", whyNoChromium);
        return;
      }
      const bundles = await Promise.all(
        allReaders.map(async (reader) => [reader.file, await bundleOf(reader)] as const),
      );
      const server = await startAnswerServer({ tokens: clientTokens, scripts: new Map(bundles) });
      const browser = await launchChromium();
      try {
        await measureInTurns(lab, book, {
          contenders: allReaders,
          async sample({ file }) {
            const cost = await readInPage(browser, `${server.url}/page/${file}`, server.url);
            if (cost.delivered < clientTokens) throw new Error(`It read ${cost.delivered} tokens.`);
            return {
              "main thread": cost.mainThreadMs,
              "longest task": cost.longestTaskMs,
            };
          },
        });
      } finally {
        await browser.close();
        server.close();
      }
    },
  };
}
