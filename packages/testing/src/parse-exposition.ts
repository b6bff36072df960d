/** One line with a figure. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric with all its series. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Exposition {
  readonly families: readonly MetricFamily[];
  /** The value of a series such as `name{label="value"}`; labels in any order. */
  value(series: string): number;
}

const metricName = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const labelPair = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\[\\\\"n])*)"';
const helpLine = new RegExp(`^# HELP (${metricName}) ((?:[^\\\\]|\\\\[\\\\n])+)$`);
const typeLine = new RegExp(`^# TYPE (${metricName}) (counter|gauge|histogram)$`);
const seriesPattern = `(${metricName})(?:\\{(${labelPair}(?:,${labelPair})*)\\})?`;
const seriesText = new RegExp(`^${seriesPattern}$`);
const sampleLine = new RegExp(
  `^(${seriesPattern}) (-?\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?|[-+]Inf|NaN)$`,
);

/**
 * What a scraper makes of Prometheus' text format 0.0.4, stricter than it has to be: each metric is
 * one block of HELP, TYPE and its series, no series comes twice, counters end with `_total` and
 * histograms add up.
 *
 * @throws Error that quotes the line which is wrong.
 */
export function parseExposition(text: string): Exposition {
  if (!text.endsWith("\n")) throw new Error("The last line has no end.");
  const families: MetricFamily[] = [];
  const values = new Map<string, number>();
  const lines = text.split("\n").filter((line) => line !== "");
  while (lines.length > 0) {
    const [, name = "", help = ""] = match(helpLine, lines.shift());
    const [, typedName, type = ""] = match(typeLine, lines.shift());
    if (typedName !== name) throw new Error(`${name} is followed by the TYPE of ${typedName}.`);
    if (families.some((family) => family.name === name)) throw new Error(`${name} comes twice.`);
    const samples: Sample[] = [];
    for (let line = lines[0]; line !== undefined && !line.startsWith("#"); line = lines[0]) {
      const [, series = ""] = match(sampleLine, line);
      const value = numberIn(line.slice(series.length + 1));
      const key = seriesKey(series);
      if (values.has(key)) throw new Error(`The series comes twice: ${line}`);
      values.set(key, value);
      samples.push({ ...parseSeries(series), value });
      lines.shift();
    }
    const family = { name, type, help, samples };
    checkFamily(family);
    families.push(family);
  }
  return {
    families,
    value(series) {
      const value = values.get(seriesKey(series));
      if (value === undefined) throw new Error(`There is no series ${series}`);
      return value;
    },
  };
}

function match(pattern: RegExp, line = "the end"): RegExpExecArray {
  const found = pattern.exec(line);
  if (found === null) throw new Error(`This is not ${pattern.source}: ${line}`);
  return found;
}

function numberIn(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}

function parseSeries(series: string): Omit<Sample, "value"> {
  const [, name = "", pairs = ""] = match(seriesText, series);
  const found = [...pairs.matchAll(new RegExp(labelPair, "g"))];
  const labels = Object.fromEntries(found.map(([, label = "", value = ""]) => [label, value]));
  if (Object.keys(labels).length < found.length) throw new Error(`A label comes twice: ${series}`);
  return { name, labels };
}

/** The same for the same series, in whatever order its labels stand. */
function seriesKey(series: string): string {
  const { name, labels } = parseSeries(series);
  return JSON.stringify([name, Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

function checkFamily({ name, type, samples }: MetricFamily): void {
  if (samples.length === 0) throw new Error(`${name} has no series.`);
  if ((type === "counter") !== name.endsWith("_total")) {
    throw new Error(`${name} is a ${type}: counters, and they alone, end with _total.`);
  }
  for (const { value } of samples) {
    if (type !== "gauge" && !(value >= 0)) throw new Error(`${name} counts ${value}.`);
  }
  if (type === "histogram") checkHistogram(name, samples);
  else if (samples.some((sample) => sample.name !== name)) {
    throw new Error(`Among the series of ${name} are some of another.`);
  }
}

/** Holds for histograms without labels of their own. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const valuesOf = (suffix: string) =>
    samples.filter((sample) => sample.name === name + suffix).map(({ value }) => value);
  const counts = valuesOf("_bucket");
  const bounds = samples.flatMap(({ labels }) => (labels["le"] === undefined ? [] : labels["le"]));
  const isRising = (values: readonly number[], least: number) =>
    values.every((value, at) => at === 0 || value - (values[at - 1] ?? 0) >= least);
  const [count, ...otherCounts] = valuesOf("_count");
  const isWhole =
    bounds.length === counts.length &&
    bounds.at(-1) === "+Inf" &&
    isRising(bounds.map(numberIn), Number.MIN_VALUE) &&
    isRising(counts, 0) &&
    counts.at(-1) === count &&
    otherCounts.length === 0 &&
    valuesOf("_sum").length === 1 &&
    samples.length === counts.length + 2;
  if (!isWhole) throw new Error(`The histogram ${name} does not add up.`);
}
