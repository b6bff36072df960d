import { Lexer } from "marked";
import { expect, test, vi } from "vitest";
import { createMarkdownView } from "./markdown-view.ts";

function show(text: string): HTMLElement {
  const element = document.createElement("div");
  createMarkdownView(element).update(text);
  return element;
}

const texts = {
  "paragraphs and headings": "# One\n\nTwo *three*\nfour\n\nFive\n===\n\nSix\n\n---\n\nSeven",
  "a list that becomes loose": "Before\n\n- a\n- b\n\n  more\n- c\n\nAfter",
  "a list that goes on after a blank line": "1. a\n\n2. b\n\n10. c\n\nAfter it\n\n2\n\n3. x",
  "lists in lists, with code":
    "- a\n  - b\n    ```js\n    let x;\n    ```\n  - c\n- d\n\n* other\n",
  "a table": "| a | b |\n| --- | ---: |\n| 1 | 2 |\n| 3 | 4 |\n\nAfter\n| x |\n|---|\n| y |\n",
  "code with a blank line":
    "Text\n```json\n{\n\n  1\n}\n```\nMore\n\n    indented\n\n    again\n\nEnd",
  quotes: "> a\nlazy\n> b\n\n> c\n\nd",
  HTML: "<div>\n*a*\n\n</div>\n\nb <b>c</b>\n\n<!-- d\n\ne -->\n\nf",
  "a name for a link":
    "[g]: https://example.com/\n\nSee [this][g].\n\nAnd [again][g].\n\n[g]: https://example.org/\n\n[Too][g].",
  "line ends of Windows": "a\r\n\r\n- b\r\n- c\r\n\r\n```\r\nd\r\n```\r\n\r\ne\r\n",
};

test.each(Object.entries(texts))("%s: read byte by byte it is as read at once", (_name, text) => {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  for (let length = 1; length <= text.length; length += 1) view.update(text.slice(0, length));
  expect(element.innerHTML).toBe(show(text).innerHTML);
});

test("what has settled stays on the page while the answer goes on", () => {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  view.update("One\n\nTwo\n\n- a\n- b");
  const [one, , list] = element.children;
  const item = list?.firstElementChild;
  view.update("One\n\nTwo\n\n- a\n- b\n- c");
  expect([element.children[0], element.children[2]]).toEqual([one, list]);
  expect(element.children[2]?.children[0]).toBe(item);
  expect(element.children[2]?.childElementCount).toBe(3);
});

test("another text begins anew", () => {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  view.update("One\n\nTwo\n\nThree");
  view.update("Four");
  expect(element.innerHTML).toBe("<p>Four</p>\n".trim());
});

/** How many characters are put on the page while a text comes in small pieces. */
function charactersRendered(text: string): number {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  const observer = new MutationObserver(() => {});
  observer.observe(element, { childList: true, characterData: true, subtree: true });
  let count = 0;
  let dataLength = 0;
  for (let length = 6; length < text.length + 6; length += 6) {
    view.update(text.slice(0, length));
    for (const { type, addedNodes } of observer.takeRecords()) {
      for (const node of addedNodes) count += node.textContent?.length ?? 0;
      if (type === "characterData") dataLength += 6;
    }
  }
  return count + dataLength;
}

test.each([
  ["paragraphs", (index: number) => `Paragraph ${index} has some *words* in it.\n\n`],
  ["a list", (index: number) => `- Item ${index} has some *words* in it.\n`],
  ["numbered items with blank lines", (index: number) => `${index + 1}. Item of a loose list.\n\n`],
  ["code", (index: number) => (index === 0 ? "```js\n" : `const line${index} = "of code";\n`)],
])("a long answer of %s is rendered in proportion to its length", (_name, piece) => {
  const text = (count: number): string =>
    Array.from({ length: count }, (_, i) => piece(i)).join("");
  const short = charactersRendered(text(15));
  const long = charactersRendered(text(60));
  expect(long).toBeGreaterThan(short * 3);
  expect(long).toBeLessThan(short * 5);
  expect(long).toBeLessThan(text(60).length * 12);
});

test("what has settled is not parsed again", () => {
  const lex = vi.spyOn(Lexer.prototype, "lex");
  const text = "A paragraph that has *some* words in it.\n\n".repeat(100);
  const view = createMarkdownView(document.createElement("div"));
  for (let length = 10; length <= text.length; length += 10) view.update(text.slice(0, length));
  const parsed = lex.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
  lex.mockRestore();
  expect(parsed).toBeLessThan(text.length * 12);
});

test("a fence that is still open is a code block already, with its language", () => {
  const element = show("Text\n\n```ts title\nconst a = 1;\nconst b");
  expect(element.querySelector(".gs-code-language")?.textContent).toBe("ts");
  expect(element.querySelector(".gs-code pre code")?.textContent).toBe("const a = 1;\nconst b");
});

test("links open in a tab of their own, which knows nothing of this one", () => {
  const link = show("[a](https://example.com/?a=1&b=2)").querySelector("a");
  expect(link?.getAttribute("href")).toBe("https://example.com/?a=1&b=2");
  expect(link?.target).toBe("_blank");
  expect(link?.rel).toBe("noopener noreferrer");
});

test("an image is a link to it, with its words", () => {
  const element = show("![A <chart>](https://example.com/a.png)");
  expect(element.querySelector("img")).toBeNull();
  expect(element.querySelector("a")?.textContent).toBe("A <chart>");
  expect(element.querySelector("a")?.href).toBe("https://example.com/a.png");
});

test("HTML is shown as it is written", () => {
  const element = show('Use <b>this</b>:\n\n<div class="a">\nx\n</div>\n');
  expect(element.textContent).toContain("Use <b>this</b>:");
  expect(element.textContent).toContain('<div class="a">');
  expect(element.querySelector("b, div")).toBeNull();
});

test("tasks show whether they are done", () => {
  expect(show("- [x] a\n- [ ] b").textContent).toMatch(/☑ a\s*☐ b/);
});
