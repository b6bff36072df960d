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

/** One that fails for each option that is left when those that there are have been taken out. */
export function checksOfRest(rest: object, prefix = ""): OptionCheck[] {
  return Object.entries(rest).map(([name, value]) => [
    prefix + name,
    value === undefined,
    "left out: unknown",
  ]);
}

export const urlExpected = "the relay's base path or URL, such as /api/llm";

/** Whether `value` may be where a relay is; `/` is one at the root. */
export function isUrl(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** An option that is a number from `least` on, which `NaN` is not, or one of `others`. */
export function numberOption(
  name: string,
  value: unknown,
  least: number,
  ...others: readonly unknown[]
): OptionCheck {
  const isInRange = typeof value === "number" && value >= least;
  return [
    name,
    value === undefined || isInRange || others.includes(value),
    [`a number from ${least} on`, ...others.map((other) => JSON.stringify(other))].join(" or "),
  ];
}
