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
  "a table that goes on":
    "| a | b |\n|:---|---:|\n| 1 | *2* |\n3 | 4\n| 5 |\nno bar\n| \\| | `|` |\n\n| c |\n| --- |\n| d |\n- e",
  "keys, and numbers above and below":
    "Press <kbd>Ctrl</kbd>+<kbd>*C*</kbd>, H<sub>2</sub>O, x<sup>2",
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

test.each(Object.entries(texts))(
  "%s: an answer that ends well is as read at once",
  (_name, text) => {
    const element = document.createElement("div");
    const view = createMarkdownView(element);
    for (let length = 1; length <= text.length; length += 1) {
      view.update(text.slice(0, length), { isWhole: false });
    }
    view.update(text);
    expect(element.innerHTML).toBe(show(text).innerHTML);
  },
);

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
  [
    "a table",
    (index: number) =>
      `${index === 0 ? "| a | b |\n|---|---|\n" : ""}| Row ${index} | has *words* |\n`,
  ],
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

test.each([
  ["paragraphs", "A paragraph that has *some* words in it.\n\n".repeat(100)],
  ["rows", `| a | b |\n|---|---|\n${"| A row that | has *some* words |\n".repeat(100)}`],
])("%s that have settled are not parsed again", (_name, text) => {
  const lex = vi.spyOn(Lexer.prototype, "lex");
  const view = createMarkdownView(document.createElement("div"));
  for (let length = 10; length <= text.length; length += 10) view.update(text.slice(0, length));
  const parsed = lex.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
  lex.mockRestore();
  expect(parsed).toBeLessThan(text.length * 12);
});

test("rows that have settled stay when what follows them cannot be parsed", () => {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  const rows = "| a |\n|---|\n| one |\n| two |\n";
  view.update(rows);
  view.update(`${rows}| thr`);
  view.update(`${rows}| three |\n${">".repeat(2000)}`);
  const cells = [...element.querySelectorAll("th, td")].map(({ textContent }) => textContent);
  expect(cells).toEqual(["a", "one", "two"]);
  expect(element.querySelector(".gs-plain")?.textContent).toBe(`| three |\n${">".repeat(2000)}`);
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

test.each(["constructor", "toString", "hasOwnProperty"])(
  "[%s] is no link as long as nothing gives it an address",
  (name) => {
    const element = show(`See [${name}] and [this][${name}].`);
    expect(element.querySelector("a, span")).toBeNull();
    expect(element.textContent).toBe(`See [${name}] and [this][${name}].`);
    const defined = show(`See [${name}].\n\n[${name}]: https://example.com/`);
    expect(defined.querySelector("a")?.href).toBe("https://example.com/");
  },
);

test.each([
  ["quotes", ">".repeat(2000)],
  ["quotes with spaces", `Text\n\n${"> ".repeat(2000)}a`],
  ["lists", `${"- ".repeat(2000)}a`],
  ["numbered lists", `${"1. ".repeat(2000)}a`],
  ["lists by indentation", Array.from({ length: 60 }, (_, i) => `${"  ".repeat(i)}- a`).join("\n")],
])("%s nested without end are shown as text, and so is what follows", (_name, nested) => {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  view.update("First\n\nSecond\n\n");
  view.update(`First\n\nSecond\n\n${nested}`, { isWhole: false });
  view.update(`First\n\nSecond\n\n${nested}\n\nLast`);
  expect(element.firstElementChild?.outerHTML).toBe("<p>First</p>");
  expect(element.textContent).toContain("Last");
  let depth = 0;
  for (let at = element.firstElementChild; at; at = at.lastElementChild) depth += 1;
  expect(depth).toBeLessThan(80);
});

test("a text after one that could not be parsed is Markdown again", () => {
  const element = document.createElement("div");
  const view = createMarkdownView(element);
  view.update(">".repeat(2000));
  expect(element.textContent).toBe(">".repeat(2000));
  view.update("**Fine**");
  expect(element.innerHTML).toBe("<p><strong>Fine</strong></p>");
});

test.each([300, 20_000])(
  "a paragraph of nothing but %s marks is text: emphasis would hold up the page",
  (count) => {
    const text = "*a_".repeat(count);
    expect(show(text).textContent).toBe(text);
  },
);

test("<br> is a line break, also in a table", () => {
  const element = show("One<br>two<BR />three\n\n| a |\n| --- |\n| b<br>c |\n\n<br>\n");
  expect(element.querySelectorAll("br")).toHaveLength(4);
  expect(element.textContent).not.toContain("<");
});

test("formulas keep their backslashes", () => {
  expect(show(String.raw`So \(a^2 + b_1 * c_1 * d\) and \[\frac{a}{b}\].`).textContent).toBe(
    String.raw`So \(a^2 + b_1 * c_1 * d\) and \[\frac{a}{b}\].`,
  );
  expect(show(String.raw`A \*star\*, \[no link\](here)`).textContent).toBe(
    "A *star*, [no link](here)",
  );
});

test.each(["これは**「重要」**です。", "注意**（必須）**項目", "他说**“你好”**了"])(
  "strong words beside wide punctuation are strong: %s",
  (text) => {
    const element = show(text);
    expect(element.querySelector("strong")).not.toBeNull();
    expect(element.textContent).toBe(text.replaceAll("*", ""));
  },
);

test("entities are characters; unknown ones are shown as they are written", () => {
  expect(show("a &amp; b &lt;i&gt; &#39;c&#x27; &nbsp;&unknown; `&amp;`").textContent).toBe(
    "a & b <i> 'c' \u00A0&unknown; &amp;",
  );
});

test.each([
  ["Some **bold te", "<p>Some <strong>bold te</strong></p>"],
  ["Some **bold", "<p>Some <strong>bold</strong></p>"],
  ["Some **bold*", "<p>Some <strong>bold</strong></p>"],
  ["Some **", "<p>Some </p>"],
  ["Some *words ", "<p>Some <em>words</em></p>"],
  ["***both", "<p><em><strong>both</strong></em></p>"],
  ["**a *b", "<p><strong>a <em>b</em></strong></p>"],
  ["Some `co", "<p>Some <code>co</code></p>"],
  ["Some `", "<p>Some </p>"],
  ["`a * b", "<p><code>a * b</code></p>"],
  ["2 * 3 and a_b", "<p>2 * 3 and a_b</p>"],
  ["~~gone", "<p><del>gone</del></p>"],
  ["See [these wo", "<p>See these wo</p>"],
  ["See [these](https://exam", "<p>See these</p>"],
  ["See ![these](https://exam", "<p>See these</p>"],
  ["See https://exam", "<p>See https://exam</p>"],
  ["See https://example.com.", "<p>See https://example.com.</p>"],
  ["- a\n- **b", "<ul><li>a</li><li><strong>b</strong></li></ul>"],
  ["| a |\n| --- |\n| **b", "<strong>b</strong>"],
])("what is cut off is shown without half a mark or half a link: %j", (text, html) => {
  const element = document.createElement("div");
  createMarkdownView(element).update(text, { isWhole: false });
  expect(element.innerHTML).toContain(html);
  expect(element.querySelector("a")).toBeNull();
});

test("what is cut off in code is code", () => {
  const element = document.createElement("div");
  createMarkdownView(element).update("```js\na[0] ** [b", { isWhole: false });
  expect(element.querySelector("pre")?.textContent).toBe("a[0] ** [b");
});

test("an address is a link once something follows it", () => {
  const element = document.createElement("div");
  createMarkdownView(element).update("See https://example.com/a and", { isWhole: false });
  expect(element.querySelector("a")?.href).toBe("https://example.com/a");
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
