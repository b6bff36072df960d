import { launch, type Browser } from "puppeteer-core";

import {
  chromiumArguments,
  findProgram,
  firefoxPreferences,
  missing,
} from "../../packages/client/browsers/engines/programs.ts";

/** A browser that the chat pages are tested in. */
export interface ChatBrowser {
  readonly name: string;
  /** The programs that are missing here, in one sentence; undefined when it can be launched. */
  readonly whyMissing: string | undefined;
  /** What its driver can make the page believe that the reader prefers. */
  readonly colorSchemes: readonly ("light" | "dark")[];
  launch(): Promise<Browser>;
}

const chromiumPath = findProgram("CHROMIUM_PATH", "/usr/bin/chromium");
const firefoxPath = findProgram("FIREFOX_ESR_PATH", "/usr/bin/firefox-esr", "/usr/bin/firefox");

export const chromium: ChatBrowser = {
  name: "Chromium",
  whyMissing: missing({ chromium: chromiumPath }),
  colorSchemes: ["light", "dark"],
  launch: () =>
    launch({
      executablePath: chromiumPath ?? "",
      // It ends with its pipe, also when the tests' process is killed.
      pipe: true,
      args: [...chromiumArguments],
    }),
};

export const firefox: ChatBrowser = {
  name: "Firefox",
  whyMissing: missing({ "firefox-esr": firefoxPath }),
  // WebDriver BiDi cannot change it.
  colorSchemes: ["light"],
  launch: () =>
    launch({
      browser: "firefox",
      protocol: "webDriverBiDi",
      executablePath: firefoxPath ?? "",
      headless: true,
      extraPrefsFirefox: firefoxPreferences,
    }),
};

export const chatBrowsers: readonly ChatBrowser[] = [chromium, firefox];
