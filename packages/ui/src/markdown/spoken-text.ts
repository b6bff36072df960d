import { createMarkdownView } from "./markdown-view.ts";

/** Where one sentence ends and another one begins. */
const blocks =
  "p h1 h2 h3 h4 h5 h6 ul ol li blockquote table thead tbody tr th td figure pre br hr div".split(
    " ",
  );

/** About two minutes of speech: an announcement can neither be paused nor skipped. */
const maxCharacters = 2000;

/**
 * Markdown as a screen reader says it: each block is a sentence of its own, and marks are silent. What
 * is longer is cut between two words; the message itself can be read on.
 */
export function spokenText(markdown: string): string {
  const element = document.createElement("div");
  const isWhole = markdown.length <= maxCharacters;
  const text = isWhole ? markdown : markdown.slice(0, maxCharacters).replace(/\s\S*$/, " …");
  createMarkdownView(element).update(text, { isWhole });
  // `<gatestream-chat>` may still be loading what shows Markdown.
  if (!element.hasChildNodes()) element.append(text);
  const sentences = [""];

  function collect(parent: Node): void {
    for (const node of parent.childNodes) {
      const name = node.nodeName.toLowerCase();
      // What is only there to be pressed.
      if (name === "figcaption" || name === "button") continue;
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
