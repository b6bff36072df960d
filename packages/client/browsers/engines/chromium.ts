import { launch, type Page as PuppeteerPage } from "puppeteer-core";
import type { EngineKind } from "./engine.ts";
import { chromiumArguments, findProgram, missing } from "./programs.ts";
import { createPuppeteerEngine } from "./puppeteer-engine.ts";

const program = findProgram("CHROMIUM_PATH", "/usr/bin/chromium");

/**
 * Chromium, headless. Not driven by playwright: that makes every page believe that it has the focus,
 * and so none is ever hidden.
 */
export const chromium: EngineKind = {
  name: "Chromium",
  whyMissing: missing({ chromium: program }),
  async launch() {
    const browser = await launch({
      executablePath: program ?? "",
      // It ends with its pipe, also when the tests' process is killed.
      pipe: true,
      args: [...chromiumArguments],
    });
    return createPuppeteerEngine(browser, { impossible: {}, heapBytes });
  },
};

async function heapBytes(page: PuppeteerPage): Promise<number> {
  const session = await page.createCDPSession();
  try {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return usedSize;
  } finally {
    await session.detach();
  }
}
