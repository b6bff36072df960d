import { launch, type Browser } from "puppeteer-core";
import { findProgram } from "../../../packages/client/browsers/engines/programs.ts";

export interface EngineKind {
  readonly name: string;
  readonly isThere: boolean;
  launch(): Promise<Browser>;
}

const chromiumPath = findProgram("CHROMIUM_PATH", "/usr/bin/chromium");
const firefoxPath = findProgram("FIREFOX_ESR_PATH", "/usr/bin/firefox-esr", "/usr/bin/firefox");

/** The engines that the pages are tried in: Chromium by its DevTools, Firefox by WebDriver BiDi. */
export const engines: readonly EngineKind[] = [
  {
    name: "Chromium",
    isThere: chromiumPath !== undefined,
    launch: () =>
      launch({
        executablePath: chromiumPath ?? "",
        // It ends with its pipe, also when the tests' process is killed.
        pipe: true,
        args: [
          "--no-sandbox",
          "--disable-gpu",
          "--disable-background-networking",
          "--no-first-run",
        ],
      }),
  },
  {
    name: "Firefox",
    isThere: firefoxPath !== undefined,
    launch: () =>
      launch({
        browser: "firefox",
        protocol: "webDriverBiDi",
        executablePath: firefoxPath ?? "",
        headless: true,
      }),
  },
];
