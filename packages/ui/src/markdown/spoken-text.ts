import { createMarkdownView } from "./markdown-view.ts";

/** Where one sentence ends and another one begins. */
const blocks =
  "p h1 h2 h3 h4 h5 h6 ul ol li blockquote table thead tbody tr th td figure pre br hr".split(" ");

/** Markdown as a screen reader says it: each block is a sentence of its own, and marks are silent. */
export function spokenText(markdown: string): string {
  const element = document.createElement("div");
  createMarkdownView(element).update(markdown);
  const sentences = [""];

  function collect(parent: Node): void {
    for (const node of parent.childNodes) {
      const name = node.nodeName.toLowerCase();
      if (name === "figcaption") continue;
      const isBlock = blocks.includes(name);
      if (isBlock) sentences.push("");
      if (node.hasChildNodes()) collect(node);
      else sentences.push((sentences.pop() ?? "") + (node.textContent ?? ""));
      if (isBlock) sentences.push("");
    }
  }

  collect(element);
  return sentences
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "")
    .map((sentence) => (/\p{P}$/u.test(sentence) ? sentence : `${sentence}.`))
    .join(" ");
}
