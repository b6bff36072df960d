import { readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";
import type { Page } from "puppeteer-core";

const source = await readFile(new URL(import.meta.resolve("axe-core")), "utf8");

/** What axe-core finds wrong with the page as it is now: each rule, and where it is broken. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(source);
  // A text, because the page's globals have no types here.
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`));
}
