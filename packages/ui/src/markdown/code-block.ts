import { buildButton, buildElement } from "../build-element.ts";
import { copyText } from "../copy-text.ts";
import type { Labels } from "../labels/labels.ts";

const copiedForMs = 2000;

/** Code with its language and a button that copies it. */
export interface CodeBlock {
  readonly element: HTMLElement;
  /** Shows the code as far as it goes; what is there already stays, and stays selected. */
  setText(text: string): void;
}

export function createCodeBlock(language: string, labels: Labels): CodeBlock {
  const text = new Text();
  const name = language === "" ? labels.code : language;
  const header = buildElement(
    "figcaption",
    { class: "gs-code-header" },
    buildElement("span", { class: "gs-code-language" }, name),
    ...buildCopying(labels, () => text.data),
  );
  // Long lines scroll, so that the keyboard has to get there.
  const code = buildElement("pre", { tabindex: "0", dir: "ltr" }, buildElement("code", {}, text));
  return {
    element: buildElement("figure", { class: "gs-code" }, header, code),
    setText(next) {
      if (next.startsWith(text.data)) text.appendData(next.slice(text.length));
      else text.data = next;
    },
  };
}

/** The button, and the status that tells a screen reader whether it copied. */
function buildCopying(labels: Labels, read: () => string): readonly HTMLElement[] {
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
