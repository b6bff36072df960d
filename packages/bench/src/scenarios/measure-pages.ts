import { startAnswerServer, type AnswerServerOptions } from "../client/answer-server.ts";
import { bundleOf, type PageFunction } from "../client/bundle.ts";
import {
  callInPage,
  launchChromium,
  whyNoChromium,
  type PageCost,
} from "../client/chromium-page.ts";
import type { FigureBook, Samples } from "../figures.ts";
import type { Lab } from "../lab.ts";
import { measureInTurns } from "./measure-in-turns.ts";

/** Pages of Chromium that take turns, each with an answer of its own. */
export interface Pages<Contender, Result> {
  readonly contenders: readonly Contender[];
  readonly moduleOf: (contender: Contender) => URL;
  readonly pageFunction: PageFunction;
  readonly answer: Omit<AnswerServerOptions, "scripts">;
  /** @throws Error when the result is not the whole answer. */
  readonly samplesOf: (result: Result, cost: PageCost) => Samples;
}

/** Notes what answers take of pages. Without a Chromium it notes that. */
export async function measurePages<
  Contender extends { readonly name: string; readonly file: string },
  Result,
>(
  lab: Lab,
  book: FigureBook,
  { contenders, moduleOf, pageFunction, answer, samplesOf }: Pages<Contender, Result>,
): Promise<void> {
  if (whyNoChromium !== undefined) {
    book.noteAbsence("Chromium", whyNoChromium);
    return;
  }
  const scripts = new Map<string, string>();
  for (const contender of contenders) {
    scripts.set(contender.file, await bundleOf(moduleOf(contender), pageFunction));
  }
  const server = await startAnswerServer({ ...answer, scripts });
  const browser = await launchChromium();
  try {
    await measureInTurns(lab, book, {
      contenders,
      async sample({ file }) {
        const pageUrl = `${server.url}/page/${file}`;
        const { result, cost } = await callInPage<Result>(browser, pageUrl, pageFunction);
        return samplesOf(result, cost);
      },
    });
  } finally {
    await browser.close();
    server.close();
  }
}
