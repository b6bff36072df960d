/** One option: its name, whether its value is valid, and what is. */
export type OptionCheck = readonly [name: string, isValid: boolean, expected: string];

/**
 * Refuses options that would fail only later, as an endless wait or a retry that never comes.
 *
 * @throws TypeError naming every invalid option, and what is valid.
 */
export function checkOptions(...checks: readonly OptionCheck[]): void {
  const problems = checks.flatMap(([name, isValid, expected]) =>
    isValid ? [] : `${name} must be ${expected}`,
  );
  if (problems.length > 0) throw new TypeError(`${problems.join("; ")}.`);
}

/** A failing check for each option in `rest`: those that nobody knows. */
export function checksOfRest(rest: object, prefix = ""): OptionCheck[] {
  return Object.entries(rest).map(([name, value]) => [
    prefix + name,
    value === undefined,
    "left out: unknown",
  ]);
}

export const urlExpected = "the relay's base path or URL, such as /api/llm";

/** Whether `value` may be a relay's URL; `/` is a relay at the root. */
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
