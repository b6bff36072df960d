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
  readonly heapBytes?: ((page: PuppeteerPage) => Promise<number>) | undefined;
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
      const complaints = collectComplaints(page);
      await page.goto(url);
      return drive(browser, page, { complaints, heapBytes });
    },
    close: () => browser.close(),
  };
}

function collectComplaints(page: PuppeteerPage): readonly string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    const isComplaint = line.type() === "error" || line.type() === "warn";
    if (isComplaint) complaints.push(`${line.text()} ${line.location().url ?? ""}`);
  });
  return complaints;
}

function drive(
  browser: Browser,
  page: PuppeteerPage,
  { complaints, heapBytes }: Pick<Page, "complaints"> & Pick<PuppeteerEngineOptions, "heapBytes">,
): Page {
  let cover: PuppeteerPage | undefined;

  async function evaluateSource<Value>(source: string): Promise<Value> {
    // What a text comes to has no type.
    return (await page.evaluate(source)) as Value;
  }

  function evaluate<Argument, Value>(
    run: InPage<Argument | undefined, Value>,
    argument?: Argument,
  ): Promise<Value> {
    return evaluateSource(sourceOf(run, argument));
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
    evaluateSource,
    type: (text) => page.keyboard.type(text),
    async press(key, { shift = false } = {}) {
      if (shift) await page.keyboard.down("Shift");
      await page.keyboard.press(key);
      if (shift) await page.keyboard.up("Shift");
    },
    resize: (size) => page.setViewport(size),
    async reload() {
      await page.reload();
    },
    complaints,
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
