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
