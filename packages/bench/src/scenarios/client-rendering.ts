import { allDrawings, drawingUrl } from "../client/all-drawings.ts";
import { textOfToken } from "../client/answer-text.ts";
import type { PageCost } from "../client/chromium-page.ts";
import type { DrawnAnswer } from "../client/drawings/draw-until-end.ts";
import type { Intensity } from "../intensity.ts";
import type { Scenario } from "../scenario.ts";
import { measurePages } from "./measure-pages.ts";

const tokensPerSecond = 2_000;

/** What drawing takes of a page, and how often it happens. */
export function clientRendering({ drawnTokens }: Intensity): Scenario {
  const wholeText = textOfToken.repeat(drawnTokens);
  return {
    name: "client-rendering",
    title: "Pages that draw an answer",
    explanation:
      `An answer of ${drawnTokens.toLocaleString("en")} tokens, ${tokensPerSecond.toLocaleString("en")} a second, shown as one growing paragraph; React and Vue are built for production. ` +
      "All pages read with gatestream's client. With a state or a ref for each token, `onToken` adds to it; the others are told at most once a frame. " +
      "Tokens that come in one piece are rendered together all the same, so how often that is depends on how the network cuts the answer. " +
      "The main thread's time is the whole answer's, with reading, layout and paint. " +
      "Browsers tell of tasks from 50 ms on; 0 is none. The browser is not pinned to a core.",
    measures: [
      { name: "renders a second", unit: "", decimals: 0 },
      {
        name: "main thread",
        unit: "ms",
        decimals: 0,
        beside: { contender: "no framework", as: "ratio" },
      },
      { name: "longest task", unit: "ms", decimals: 0 },
    ],
    run: (lab, book) =>
      measurePages(lab, book, {
        contenders: allDrawings,
        moduleOf: drawingUrl,
        pageFunction: "drawAnswer",
        answer: { tokens: drawnTokens, tokensPerSecond },
        samplesOf({ text, renders, seconds }: DrawnAnswer, cost: PageCost) {
          if (text !== wholeText) {
            throw new Error(`It drew ${text.length} of ${wholeText.length} characters.`);
          }
          return {
            "renders a second": renders / seconds,
            "main thread": cost.mainThreadMs,
            "longest task": cost.longestTaskMs,
          };
        },
      }),
  };
}
