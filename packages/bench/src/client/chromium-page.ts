import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";
import type { PageFunction } from "./bundle.ts";

export const chromiumPath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

export const whyNoChromium = existsSync(chromiumPath)
  ? undefined
  : `there is none at ${chromiumPath}`;

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

/** What one answer took of a page. */
export interface PageCost {
  readonly mainThreadMs: number;
  /** Browsers report tasks of 50 ms or longer; 0 when there was none. */
  readonly longestTaskMs: number;
}

/** Runs in the page, before anything else. Tasks are reported late: those of loading end before the call. */
const watchTasks = `
  globalThis.calledAtMs = Infinity;
  globalThis.longestTaskMs = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      if (startTime + duration < calledAtMs) continue;
      globalThis.longestTaskMs = Math.max(globalThis.longestTaskMs, duration);
    }
  }).observe({ type: "longtask" });`;

/** A client that tries again and again would never end. */
const patienceMs = 30_000;

function inTime(promise: string): string {
  return `Promise.race([${promise}, new Promise((_, reject) => {
    setTimeout(() => reject(new Error("It took too long.")), ${patienceMs});
  })])`;
}

/** Opens a page of its own and calls a global function of its script with the page's origin. */
export async function callInPage<Result>(
  browser: Browser,
  pageUrl: string,
  pageFunction: PageFunction,
): Promise<{ readonly result: Result; readonly cost: PageCost }> {
  const page = await browser.newPage();
  try {
    page.setDefaultTimeout(patienceMs);
    await page.addInitScript(watchTasks);
    await page.goto(pageUrl);
    await page.waitForFunction(`globalThis.${pageFunction} !== undefined`);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const taskSeconds = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
    };
    await page.evaluate("globalThis.calledAtMs = performance.now()");
    const before = await taskSeconds();
    const result = await page.evaluate<Result>(inTime(`${pageFunction}(location.origin)`));
    const after = await taskSeconds();
    const longestTaskMs = await page.evaluate<number>("longestTaskMs");
    return { result, cost: { mainThreadMs: (after - before) * 1e3, longestTaskMs } };
  } finally {
    await page.close();
  }
}
