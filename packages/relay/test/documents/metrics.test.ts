import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { createMetrics } from "@gatestream/relay-metrics";
import { parseExposition, type MetricFamily } from "@gatestream/testing/parse-exposition";
import { promqlNames } from "@gatestream/testing/promql-names";

const metrics = createMetrics();
afterAll(() => metrics.close());
const { families } = parseExposition(await metrics.text());
const samples = families.flatMap((family) => family.samples);
const page = await readFile(new URL("../../../../docs/metrics.md", import.meta.url), "utf8");

/** What a scraper adds to every series. */
const scrapeLabels = ["job", "instance"];

function labelsOf({ samples: series }: MetricFamily): string[] {
  const labels = new Set(series.flatMap((sample) => Object.keys(sample.labels)));
  labels.delete("le");
  return [...labels];
}

/** Everything that an expression names is there. */
function expectKnown(expression: string): void {
  const { metrics: names, labels, matched } = promqlNames(expression);
  expect(names, expression).not.toEqual([]);
  const series = samples.filter(({ name }) => names.includes(name));
  expect(new Set(series.map(({ name }) => name))).toEqual(new Set(names));
  const known = series.flatMap((sample) => Object.keys(sample.labels)).concat(scrapeLabels);
  expect(known).toEqual(expect.arrayContaining([...labels]));
  for (const { label, value } of matched) {
    expect(
      series.map((sample) => sample.labels[label]),
      expression,
    ).toContain(value);
  }
}

test("names are found in an expression", () => {
  expect(
    promqlNames(
      'sum by (code) (rate(a_total{ending="error", job=~"$job"}[$__rate_interval])) / on(x) b > 2',
    ),
  ).toEqual({
    metrics: ["a_total", "b"],
    labels: ["ending", "job", "code", "x"],
    matched: [{ label: "ending", value: "error" }],
  });
});

describe("docs/metrics.md", () => {
  /** The rows of a table whose first cell is a name. */
  const rows = page
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll("`", "")));

  test("lists every metric with its type, labels and meaning", () => {
    expect(rows.filter((cells) => cells.length === 4)).toEqual(
      families.map((family) => [
        family.name,
        family.type,
        labelsOf(family).join(", "),
        family.help.replaceAll("`", ""),
      ]),
    );
  });

  test("lists the buckets of every histogram", () => {
    expect(rows.filter((cells) => cells.length === 2)).toEqual(
      families
        .filter(({ type }) => type === "histogram")
        .map(({ name, samples: series }) => [
          name,
          series.flatMap(({ labels }) => labels["le"] ?? []).filter((bound) => bound !== "+Inf"),
        ])
        .map(([name, bounds]) => [name, [bounds].flat().join(" ")]),
    );
  });

  test("has queries whose metrics and labels are there", () => {
    const queries = [...page.matchAll(/```promql\n(.*?)```/gs)]
      .flatMap(([, block = ""]) => block.split("\n"))
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(queries.length).toBeGreaterThan(3);
    for (const query of queries) expectKnown(query);
  });
});

interface Datasource {
  readonly type: string;
  readonly uid: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: Datasource;
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  readonly targets?: readonly { refId: string; expr: string; datasource: Datasource }[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
}

describe("docs/grafana-dashboard.json", async () => {
  const text = await readFile(
    new URL("../../../../docs/grafana-dashboard.json", import.meta.url),
    "utf8",
  );
  const dashboard: {
    readonly id: null;
    readonly uid?: string;
    readonly panels: readonly Panel[];
    readonly templating: { readonly list: readonly Variable[] };
    readonly __requires: readonly { readonly type: string; readonly id: string }[];
  } = JSON.parse(text);
  const { panels } = dashboard;
  const targets = panels.flatMap((panel) => panel.targets ?? []);
  const variables = dashboard.templating.list;

  test("asks for metrics and labels that are there", () => {
    for (const { expr } of targets) expectKnown(expr);
  });

  test("shows every metric", () => {
    const shown = new Set(targets.flatMap(({ expr }) => promqlNames(expr).metrics));
    const hidden = families.filter(({ samples: series }) => !series.some((s) => shown.has(s.name)));
    expect(hidden.map(({ name }) => name)).toEqual([]);
  });

  test("asks only for the instances that are chosen", () => {
    for (const { expr } of targets) {
      const selectors = promqlNames(expr).metrics.length;
      expect(expr.split("{").length - 1, expr).toBe(selectors);
      expect(expr.split('job=~"$job", instance=~"$instance"}').length - 1, expr).toBe(selectors);
    }
  });

  test("imports anywhere: the data source is a variable, and nothing has an identity", () => {
    expect([dashboard.id, dashboard.uid]).toEqual([null, undefined]);
    const uids = [...text.matchAll(/"uid": *"([^"]*)"/g)].map(([, uid]) => uid);
    expect(new Set(uids)).toEqual(new Set(["${datasource}"]));
    for (const { type, datasource } of panels) {
      expect(datasource?.type).toBe(type === "row" ? undefined : "prometheus");
    }
    expect(variables[0]).toMatchObject({
      name: "datasource",
      type: "datasource",
      query: "prometheus",
    });
  });

  test("uses only variables that it declares, and fills them from series that are there", () => {
    const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = ""]) => name);
    const declared = variables.map(({ name }) => name);
    expect(new Set(used)).toEqual(new Set([...declared, "__rate_interval", "__all"]));
    for (const { type, query } of variables.slice(1)) {
      expect(type).toBe("query");
      const found = /^label_values\((.*), (\w+)\)$/.exec(
        typeof query === "string" ? query : query.query,
      );
      expectKnown(found?.[1] ?? "");
      expect(scrapeLabels).toContain(found?.[2]);
    }
  });

  test("names what it requires", () => {
    const required = dashboard.__requires.filter(({ type }) => type === "panel");
    const types = new Set(panels.map(({ type }) => type).filter((type) => type !== "row"));
    expect(new Set(required.map(({ id }) => id))).toEqual(types);
  });

  test("has rows in order, panels that say what they show, and unique ids", () => {
    expect(panels.filter(({ type }) => type === "row").map(({ title }) => title)).toEqual([
      "Traffic",
      "Latency",
      "Tokens",
      "Errors",
      "Readers",
      "Process",
    ]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { type, description = "", targets: own = [] } of panels) {
      if (type === "row") continue;
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(own.length).toBeGreaterThan(0);
      expect(new Set(own.map(({ refId }) => refId)).size).toBe(own.length);
    }
  });

  test("has panels that fill the grid without a gap or an overlap", () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => (y + Math.floor(at / w)) * 24 + x + (at % w)),
    );
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    expect(cells.toSorted((a, b) => a - b)).toEqual(cells.map((_, at) => at));
  });
});
