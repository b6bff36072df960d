import { expect, test } from "vitest";
import { judge, type Target } from "./targets.ts";

const target: Target = {
  text: "",
  scenario: "paced",
  measure: "CPU",
  as: "ratio",
  others: ["pipe", "nginx"],
  atMost: 1.5,
  unit: "×",
};

function figure(contender: string, ...samples: number[]) {
  return { scenario: "paced", contender, measure: "CPU", unit: "µs", samples };
}

test("a ratio is to the cheapest of the others, in medians", () => {
  const figures = [figure("gatestream", 9, 3, 3), figure("pipe", 4), figure("nginx", 2)];
  expect(judge(target, figures)).toEqual({ measured: 1.5, isMet: true });
});

test("a target that is just missed is missed", () => {
  const figures = [figure("gatestream", 3.01), figure("pipe", 2)];
  expect(judge(target, figures)?.isMet).toBe(false);
});

test("a difference is what is above the other", () => {
  const figures = [figure("gatestream", 3), figure("pipe", 1)];
  const verdict = judge({ ...target, as: "difference" }, figures);
  expect(verdict).toEqual({ measured: 2, isMet: false });
});

test("a value stands alone", () => {
  const verdict = judge({ ...target, as: "value", atMost: 0 }, [figure("gatestream", 0)]);
  expect(verdict).toEqual({ measured: 0, isMet: true });
});

test.each([
  { what: "without gatestream", figures: [figure("pipe", 1)] },
  { what: "without the others", figures: [figure("gatestream", 1)] },
])("$what nothing is judged", ({ figures }) => {
  expect(judge(target, figures)).toBeUndefined();
});
