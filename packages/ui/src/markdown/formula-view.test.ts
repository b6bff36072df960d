import { eventuallyTrue } from "@gatestream/testing/eventually";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { bareCode } from "../../../client/src/testing/documented-examples.ts";
import type { Maths } from "./formula-view.ts";
import { createMarkdownView } from "./markdown-view.ts";

export const maths: Maths = async (formula, displayMode) => {
  const { default: katex } = await import("katex");
  const element = document.createElement("span");
  katex.render(formula, element, { displayMode, output: "mathml" });
  return element.firstChild ?? undefined;
};

const display = "\\[\na_1\n+ b_1\n\\]";
const text = `If \\(a_1^2\\) and $$b_2$$, then\n\n${display}\n\nfor $5 and $6.`;

test("the typesetter of the README is this one", async () => {
  const file = fileURLToPath(import.meta.url);
  const readme = await readFile(join(file, "../../../README.md"), "utf8");
  const own = await readFile(file, "utf8");
  const [, example = ""] = /```ts\n(import type \{ Maths \}[^]+?)```/.exec(readme) ?? [];
  // The package is read by its name there.
  const code = bareCode(example).replace("@gatestream/ui", "./formula-view.ts");
  expect(code).not.toBe("");
  expect(bareCode(own)).toContain(code.slice(code.indexOf("export")));
});

test("formulas are set as MathML, once each, and the text around them stays", async () => {
  const set = vi.fn(maths);
  const element = document.createElement("div");
  const view = createMarkdownView(element, { maths: set });
  for (let length = 1; length <= text.length; length += 1) {
    view.update(text.slice(0, length), { isWhole: false });
  }
  view.update(text);
  await eventuallyTrue(() => element.querySelectorAll("math").length === 3);
  expect(set.mock.calls).toEqual([
    ["a_1^2", false],
    ["b_2", true],
    ["a_1\n+ b_1", true],
  ]);
  expect(element.querySelectorAll("em, ul").length).toBe(0);
  expect(element.lastElementChild?.textContent).toBe("for $5 and $6.");
});

test("without a typesetter, or one that fails, formulas are as they are written", async () => {
  const without = document.createElement("div");
  createMarkdownView(without).update(text);
  const failing = document.createElement("div");
  const fail = vi.fn(() => Promise.reject(new Error("No.")));
  createMarkdownView(failing, { maths: fail }).update(text);
  await eventuallyTrue(() => fail.mock.calls.length === 3);
  await Promise.resolve();
  expect(failing.innerHTML).toBe(without.innerHTML);
  expect(without.textContent).toBe(text.replaceAll("\n\n", ""));
});

test.each([
  text,
  `a\n\n${display}\n- b`,
  "$$\nx\n\n- y",
  "$$x$$ $$y",
  "- a\n  $$\n  b\n  + c\n  $$\n- d",
])("%j: read byte by byte it is as read at once", (markdown) => {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  for (let length = 1; length <= markdown.length; length += 1) {
    view.update(markdown.slice(0, length), { isWhole: false });
  }
  view.update(markdown);
  const whole = document.createElement("div");
  createMarkdownView(whole).update(markdown);
  expect(element.innerHTML).toBe(whole.innerHTML);
});

test("many marks that are not closed cost no more than their length", () => {
  const hostile = ["\\(", "$$", "[^", "[^a]: ", "$$\n", "\\[\n", "[^a]: b\n  ", "[1]"];
  const begun = performance.now();
  for (const mark of hostile) {
    createMarkdownView(document.createElement("div")).update(mark.repeat(5000));
  }
  // A square would take minutes.
  expect(performance.now() - begun).toBeLessThan(30_000);
});
