import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

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

/** What reading one answer took of a page. */
export interface PageCost {
  readonly delivered: number;
  readonly mainThreadMs: number;
  /** Browsers tell of tasks from 50 ms; 0 when there was none. */
  readonly longestTaskMs: number;
}

/** Runs in the page, before anything else. */
const watchTasks = `
  globalThis.longestTaskMs = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
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

/** Opens a page of its own, which reads one answer. */
export async function readInPage(
  browser: Browser,
  pageUrl: string,
  baseUrl: string,
): Promise<PageCost> {
  const page = await browser.newPage();
  try {
    page.setDefaultTimeout(patienceMs);
    await page.addInitScript(watchTasks);
    await page.goto(pageUrl);
    await page.waitForFunction("globalThis.readAnswer !== undefined");
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const taskSeconds = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
    };
    const before = await taskSeconds();
    const delivered = await page.evaluate<number>(inTime(`readAnswer(${JSON.stringify(baseUrl)})`));
    const after = await taskSeconds();
    return {
      delivered,
      mainThreadMs: (after - before) * 1e3,
      longestTaskMs: await page.evaluate<number>("longestTaskMs"),
    };
  } finally {
    await page.close();
  }
}
