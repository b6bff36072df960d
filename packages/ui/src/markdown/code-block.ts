import { buildButton, buildElement } from "../build-element.ts";
import { copyText } from "../copy-text.ts";
import type { MarkdownLabels } from "../labels/labels.ts";

/**
 * Colours code that has ended. Gets the code and the language after its fence, which may be empty;
 * returns nodes to show in its place, made without a HTML parser, or undefined to leave it as it is. It
 * may load a highlighter first. Code whose highlighter throws or rejects stays as it is.
 */
export type Highlight = (
  code: string,
  language: string,
) => Node | undefined | Promise<Node | undefined>;

/** What code is shown with. */
export interface CodeContext {
  readonly labels: MarkdownLabels;
  readonly highlight?: Highlight | undefined;
}

const copiedForMs = 2000;

/** Code with its language and a button that copies it. */
export interface CodeBlock {
  readonly element: HTMLElement;
  /** Shows the code as far as it goes; what is there already stays, and stays selected. */
  setText(text: string): void;
  /** The code has ended: it is coloured, if there is a highlighter. */
  finish(): Promise<void>;
}

export function createCodeBlock(language: string, { labels, highlight }: CodeContext): CodeBlock {
  const text = new Text();
  const name = language === "" ? labels.code : language;
  const header = buildElement(
    "figcaption",
    { class: "gs-code-header" },
    buildElement("span", { class: "gs-code-language" }, name),
    ...buildCopying(labels, () => text.data),
  );
  // Long lines scroll, so that the keyboard has to get there.
  const code = buildElement("code", {}, text);
  const scroller = buildElement("pre", { tabindex: "0", dir: "ltr" }, code);
  return {
    element: buildElement("figure", { class: "gs-code" }, header, scroller),
    setText(next) {
      if (next === text.data) return;
      if (next.startsWith(text.data)) text.appendData(next.slice(text.length));
      else text.data = next;
      if (text.parentNode !== code) code.replaceChildren(text);
    },
    async finish() {
      const { data } = text;
      try {
        const colored = await highlight?.(data, language);
        if (colored && text.data === data) code.replaceChildren(colored);
      } catch {
        // Code without colours can be read as well.
      }
    },
  };
}

/** The button, and the status that tells a screen reader whether it copied. */
function buildCopying(labels: MarkdownLabels, read: () => string): readonly HTMLElement[] {
  const status = buildElement("span", { class: "gs-visually-hidden", role: "status" });
  const button = buildButton(labels.copy, "quiet", () => {
    void copyText(read()).then((isCopied) => {
      status.textContent = isCopied ? labels.copied : labels.cannotCopy;
      button.textContent = status.textContent;
      setTimeout(() => {
        button.textContent = labels.copy;
        status.textContent = "";
      }, copiedForMs);
    });
  });
  button.setAttribute("aria-label", labels.copyCode);
  return [button, status];
}
