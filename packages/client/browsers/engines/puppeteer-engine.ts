import type { Browser, Page as PuppeteerPage } from "puppeteer-core";
import {
  sourceOf,
  untilLoaded,
  untilVisibility,
  type Ability,
  type Engine,
  type InPage,
  type Page,
} from "./engine.ts";

export interface PuppeteerEngineOptions {
  readonly impossible: Readonly<Partial<Record<Ability, string>>>;
  /** Only where `memory` is possible. */
  readonly heapBytes?: (page: PuppeteerPage) => Promise<number>;
}

/** An engine that puppeteer drives: Chromium by its DevTools protocol, Firefox by WebDriver BiDi. */
export async function createPuppeteerEngine(
  browser: Browser,
  { impossible, heapBytes }: PuppeteerEngineOptions,
): Promise<Engine> {
  const version = await browser.version();
  return {
    version: version.split("/").at(-1) ?? version,
    impossible,
    async open(url) {
      const page = await browser.newPage();
      await page.goto(url);
      return drive(browser, page, heapBytes);
    },
    close: () => browser.close(),
  };
}

function drive(
  browser: Browser,
  page: PuppeteerPage,
  heapBytes: PuppeteerEngineOptions["heapBytes"],
): Page {
  let cover: PuppeteerPage | undefined;

  async function evaluate<Argument, Value>(
    run: InPage<Argument | undefined, Value>,
    argument?: Argument,
  ): Promise<Value> {
    // What a text comes to has no type.
    return (await page.evaluate(sourceOf(run, argument))) as Value;
  }

  /** `page.goto` and `page.goBack` wait for a load, which a page that was kept does not do again. */
  async function go(how: string): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      page.once("framenavigated", () => resolve());
    });
    await page.evaluate(how);
    await arrived;
    await untilLoaded({ evaluate });
  }

  return {
    evaluate,
    async hide() {
      // A tab is hidden by another one in front of it.
      cover = await browser.newPage();
      await cover.bringToFront();
      await untilVisibility({ evaluate }, "hidden");
    },
    async show() {
      await page.bringToFront();
      await untilVisibility({ evaluate }, "visible");
    },
    goOffline: () => page.setOfflineMode(true),
    goOnline: () => page.setOfflineMode(false),
    leave: (url) => go(`void setTimeout(() => location.assign(${JSON.stringify(url)}))`),
    back: () => go("void setTimeout(() => history.back())"),
    heapBytes() {
      if (heapBytes === undefined) throw new Error("This engine's heap cannot be measured.");
      return heapBytes(page);
    },
    async close() {
      await cover?.close();
      await page.close();
    },
  };
}
