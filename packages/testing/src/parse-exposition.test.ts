import { expect, test } from "vitest";
import { parseExposition } from "./parse-exposition.ts";

const counter = `# HELP a_total Some of it.
# TYPE a_total counter
a_total{x="1",y="q\\"\\\\\\n"} 2
a_total{x="2",y=""} 0
`;
const histogram = `# HELP h How long.
# TYPE h histogram
h_bucket{le="0.5"} 1
h_bucket{le="2"} 3
h_bucket{le="+Inf"} 4
h_sum 7.25e+2
h_count 4
`;

test("a series is found whatever the order of its labels", () => {
  const { families, value } = parseExposition(`${counter}\n${histogram}`);
  expect(value('a_total{y="",x="2"}')).toBe(0);
  expect(value("h_sum")).toBe(725);
  expect(() => value("a_total")).toThrow("no series a_total");
  expect(families.map(({ name, type, help }) => [name, type, help])).toEqual([
    ["a_total", "counter", "Some of it."],
    ["h", "histogram", "How long."],
  ]);
});

test.each<[string, string]>([
  ["no line break at the end", counter.slice(0, -1)],
  ["no HELP", counter.replace(/^# HELP.*\n/, "")],
  ["no TYPE", counter.replace(/# TYPE.*\n/, "")],
  ["a TYPE of another metric", counter.replace("TYPE a_total", "TYPE b_total")],
  ["a type that we do not use", counter.replace("counter", "untyped")],
  ["HELP and TYPE alone", counter.split("\n").slice(0, 2).join("\n") + "\n"],
  ["the same metric twice", counter + counter],
  ["the same series twice", counter + 'a_total{y="",x="2"} 0\n'],
  ["the same label twice", counter.replace('y=""', 'x="3"')],
  ["a series of another metric", counter + "b_total 1\n"],
  ["an unknown escape", counter.replace("\\n", "\\t")],
  ["a quote inside of a value", counter.replace('\\"', '"')],
  ["a label name with a dash", counter.replace("x=", "x-y=")],
  ["a value that is no number", counter.replace("} 0", "} Nan")],
  ["a value that is missing", counter.replace("} 0", "}")],
  ["two spaces before the value", counter.replace("} 0", "}  0")],
  ["a counter below zero", counter.replace("} 0", "} -1")],
  ["a counter that is not a number", counter.replace("} 0", "} NaN")],
  ["a counter without _total", counter.replaceAll("a_total", "a")],
  ["a gauge with _total", counter.replace("counter", "gauge")],
  ["+Inf that is not the count", histogram.replace("h_count 4", "h_count 5")],
  ["no +Inf", histogram.replace(/.*Inf.*\n/, "")],
  ["no sum", histogram.replace(/h_sum.*\n/, "")],
  ["no count", histogram.replace(/h_count.*\n/, "")],
  ["buckets that fall", histogram.replace('"0.5"} 1', '"0.5"} 4')],
  ["bounds that fall", histogram.replace('"0.5"', '"3"')],
  ["a bucket without a bound", histogram.replace('{le="0.5"}', "")],
  ["a series that no histogram has", histogram + "h_max 4\n"],
])("%s is refused", (_, text) => {
  expect([counter, histogram]).not.toContain(text);
  expect(() => parseExposition(text)).toThrow(Error);
});
