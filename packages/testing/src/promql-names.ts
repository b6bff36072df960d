export interface PromqlNames {
  /** What is selected, with the suffixes of histograms. */
  readonly metrics: readonly string[];
  /** Labels that are matched or grouped by. */
  readonly labels: readonly string[];
  /** Matchers of exactly one value, such as `ending="error"`. */
  readonly matched: readonly { readonly label: string; readonly value: string }[];
}

const matcher = /(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g;
const grouping = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const label = /[a-zA-Z_]\w*/g;
// A name that is called is a function or an aggregation.
const metric = /[a-zA-Z_:][\w:]*\b(?!\s*\()/g;

/** The metrics and labels that a PromQL expression names. */
export function promqlNames(expression: string): PromqlNames {
  const matchers = [...expression.matchAll(matcher)];
  const groupings = [...expression.matchAll(grouping)].flatMap(
    ([, list = ""]) => list.match(label) ?? [],
  );
  const metrics = expression
    .replaceAll(matcher, "")
    .replaceAll(grouping, "")
    // A range such as [5m] or [$__rate_interval].
    .replaceAll(/\[[^\]]*\]/g, "")
    .match(metric);
  return {
    metrics: metrics ?? [],
    labels: [...matchers.map(([, name = ""]) => name), ...groupings],
    matched: matchers
      .filter(([, , operator]) => operator === "=")
      .map(([, name = "", , value = ""]) => ({ label: name, value })),
  };
}
