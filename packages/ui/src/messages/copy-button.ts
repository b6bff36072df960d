import { buildButton } from "../build-element.ts";
import { copyText } from "../copy-text.ts";
import type { Labels } from "../labels/labels.ts";

const copiedForMs = 2000;

/** A button that copies a text, and says for a moment that it did. */
export function buildCopyButton(labels: Labels, read: () => string): HTMLButtonElement {
  const button = buildButton(labels.copy, "quiet", () => {
    void copyText(read()).then((isCopied) => {
      button.textContent = isCopied ? labels.copied : labels.cannotCopy;
      setTimeout(() => {
        button.textContent = labels.copy;
      }, copiedForMs);
    });
  });
  return button;
}
