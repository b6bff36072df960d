/** One option: its name, whether its value will do, and what would. */
export type OptionCheck = readonly [name: string, willDo: boolean, expected: string];

/**
 * Refuses what would show only much later, as a wait without end or a try that never comes.
 *
 * @throws TypeError naming every option that will not do, and what would.
 */
export function checkOptions(...checks: readonly OptionCheck[]): void {
  const problems = checks.flatMap(([name, willDo, expected]) =>
    willDo ? [] : `${name} must be ${expected}`,
  );
  if (problems.length > 0) throw new TypeError(`${problems.join("; ")}.`);
}

/** Whether `value` is a number from `least` on; `NaN` is none. */
export function isFrom(least: number, value: unknown): boolean {
  return typeof value === "number" && value >= least;
}
