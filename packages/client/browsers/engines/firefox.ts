import { launch } from "puppeteer-core";
import type { EngineKind } from "./engine.ts";
import { findProgram, firefoxPreferences, missing } from "./programs.ts";
import { createPuppeteerEngine } from "./puppeteer-engine.ts";

const program = findProgram("FIREFOX_ESR_PATH", "/usr/bin/firefox-esr", "/usr/bin/firefox");

/** Firefox, headless, over WebDriver BiDi. */
export const firefox: EngineKind = {
  name: "Firefox",
  whyMissing: missing({ "firefox-esr": program }),
  async launch() {
    const browser = await launch({
      browser: "firefox",
      protocol: "webDriverBiDi",
      executablePath: program ?? "",
      headless: true,
      extraPrefsFirefox: firefoxPreferences,
    });
    return createPuppeteerEngine(browser, {
      impossible: { memory: "WebDriver BiDi tells nothing of the heap" },
    });
  },
};
