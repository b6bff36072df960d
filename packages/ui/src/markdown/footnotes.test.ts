import { afterEach, expect, test } from "vitest";
import { createMarkdownView } from "./markdown-view.ts";
import { spokenText } from "./spoken-text.ts";

const text = "So it is[^1], and[^note].\n\n[^1]: A *word*.\n[^note]: Two\n  lines.\n\nEnd[^3]";

afterEach(() => document.body.replaceChildren());

function show(markdown: string): HTMLElement {
  const element = document.createElement("div");
  element.className = "gs-markdown";
  document.body.append(element);
  createMarkdownView(element).update(markdown);
  return element;
}

test("a footnote is reached from its mark, and the mark from it", () => {
  const element = show(text);
  const [mark, other, missing] = element.querySelectorAll(".gs-footnote-mark");
  const [note] = element.querySelectorAll<HTMLElement>(".gs-footnote");
  expect(note?.querySelector("em")?.textContent).toBe("word");
  expect([mark?.textContent, other?.textContent, missing?.textContent]).toEqual([
    "1",
    "note",
    "[^3]",
  ]);
  const button = mark?.querySelector("button");
  expect(button?.getAttribute("aria-label")).toBe("Footnote 1");
  button?.click();
  expect(document.activeElement).toBe(note);
  note?.querySelector<HTMLElement>(":scope > button")?.click();
  expect(document.activeElement).toBe(button);
});

test.each([
  text,
  "a[^b] c\n\n[^b]: d\n\n[^c]: e\n\n  f\n\ng",
  "- a[^1]\n\n[^1]: b",
  "[^1]: [^2]: [^3]: x",
  "`[^1]`\n\n[^1]: y",
  "[^1](https://example.com/)",
])("%j: read byte by byte it is as read at once", (markdown) => {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  for (let length = 1; length <= markdown.length; length += 1) {
    view.update(markdown.slice(0, length), { isWhole: false });
  }
  view.update(markdown);
  expect(element.innerHTML).toBe(show(markdown).innerHTML);
});

test("a mark that is not whole is not shown", () => {
  const element = document.createElement("div");
  createMarkdownView(element).update("So it is[^no", { isWhole: false });
  expect(element.textContent).toBe("So it is");
});

test("footnotes are spoken where they stand, and their buttons are not", () => {
  expect(spokenText("So[^1].\n\n[^1]: A word.")).toBe("So. 1. A word.");
});
