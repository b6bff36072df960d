import { eventuallyTrue } from "@gatestream/testing/eventually";
import type { createLowlight } from "lowlight";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { bareCode } from "../../../client/src/testing/documented-examples.ts";
import type { Highlight } from "./code-block.ts";
import { createMarkdownView } from "./markdown-view.ts";

type Root = ReturnType<ReturnType<typeof createLowlight>["highlight"]>;

const toNode = (content: Root | Root["children"][number]): Node => {
  if (content.type === "text") return new Text(content.value);
  const node =
    content.type === "element" ? document.createElement(content.tagName) : new DocumentFragment();
  if (content.type === "element" && node instanceof Element) {
    node.className = [content.properties["className"]].flat().join(" ");
  }
  if ("children" in content) node.append(...content.children.map(toNode));
  return node;
};

export const highlight: Highlight = async (code, language) => {
  const { common, createLowlight } = await import("lowlight");
  const lowlight = createLowlight(common);
  return lowlight.registered(language) ? toNode(lowlight.highlight(language, code)) : undefined;
};

const source = "```ts\nconst a = 1; // <b>\n```\n\nMore\n\nEnd";

test("the highlighter of the README is this one", async () => {
  const file = fileURLToPath(import.meta.url);
  const readme = await readFile(join(file, "../../../README.md"), "utf8");
  const own = await readFile(file, "utf8");
  const [, example = ""] = /```ts\n(import type { createLowlight[^]+?)```/.exec(readme) ?? [];
  expect(bareCode(example)).not.toBe("");
  expect(bareCode(own)).toContain(bareCode(example));
});

test("code is coloured when it has ended, and its text stays the same", async () => {
  const element = document.createElement("div");
  const view = createMarkdownView(element, { highlight });
  view.update(source.slice(0, 20), { isWhole: false });
  expect(element.querySelector("code span")).toBe(null);
  view.update(source, { isWhole: false });
  await eventuallyTrue(() => element.querySelector("code .hljs-keyword"));
  expect(element.querySelector("code")?.textContent).toBe("const a = 1; // <b>");
  expect(element.querySelector(".hljs-keyword")?.textContent).toBe("const");
});

const failing: readonly (readonly [string, Highlight])[] = [
  ["rejects", () => Promise.reject(new Error("no"))],
  ["knows no such language", () => undefined],
  [
    "throws",
    (): never => {
      throw new Error("no");
    },
  ],
];

test.each(failing)("code whose highlighter %s stays as it is", async (_name, colours) => {
  const element = document.createElement("div");
  createMarkdownView(element, { highlight: colours }).update(source);
  await Promise.resolve();
  expect(element.querySelector("code")?.innerHTML).toBe("const a = 1; // &lt;b&gt;");
});

test("code that grows while it is being coloured shows all of it, without colours", async () => {
  const element = document.createElement("div");
  let resolve = (_node: Node): void => {};
  const coloured = new Promise<Node>((done) => (resolve = done));
  const view = createMarkdownView(element, {
    highlight: (code) => (code === "let a" ? coloured : undefined),
  });
  view.update("```ts\nlet a");
  view.update("```ts\nlet a;\nlet b");
  resolve(new Text("let a"));
  await coloured;
  expect(element.querySelector("code")?.textContent).toBe("let a;\nlet b");
});
