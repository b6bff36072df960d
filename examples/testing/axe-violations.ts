import { readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";

const source = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** What is needed of a page, with any browser driver. */
export interface AxePage {
  evaluate(run: () => Promise<void>): Promise<unknown>;
  evaluateSource<Value>(source: string): Promise<Value>;
}

/** What axe-core finds wrong with the page as it is now: each rule, where it is broken, and how. */
export async function axeViolations(page: AxePage): Promise<readonly string[]> {
  // Colours on their way from one theme to the other have the contrast of neither.
  await page.evaluate(transitionsEnd);
  await page.evaluateSource(`(() => { ${source}; })()`);
  const { violations } = await page.evaluateSource<AxeResults>("axe.run()");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`),
  );
}

/** Runs in the page. What an element of it holds in its shadow counts too. */
async function transitionsEnd(): Promise<void> {
  const shadows = [...document.querySelectorAll("*")].flatMap(
    (element) => element.shadowRoot ?? [],
  );
  const transitions = [document, ...shadows]
    .flatMap((root) => root.getAnimations())
    .filter((animation) => animation instanceof CSSTransition);
  await Promise.allSettled(transitions.map(({ finished }) => finished));
}
