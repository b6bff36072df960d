import { existsSync } from "node:fs";

/** The program that `variable` names, else the first of `usualPaths` that is there. */
export function findProgram(
  variable: string,
  ...usualPaths: readonly string[]
): string | undefined {
  const given = process.env[variable];
  return (given ? [given] : usualPaths).find((path) => existsSync(path));
}

/** One sentence about those that were not found; undefined when all were. */
export function missing(
  programs: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const names = Object.keys(programs).filter((name) => programs[name] === undefined);
  return names.length === 0 ? undefined : `not installed here: ${names.join(", ")}`;
}

/** What Chromium is started with in tests. */
export const chromiumArguments: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  // Without them every window costs two more processes for its address bar, and one in reserve.
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess",
  "--disable-sync",
  "--no-first-run",
];

/** What Firefox is set to in tests: no process in reserve for the next page. */
export const firefoxPreferences = { "dom.ipc.processPrelaunch.enabled": false };
