import { buildButton } from "../build-element.ts";
import { copyText } from "../copy-text.ts";

const copiedForMs = 2000;

/** A button that copies a text, and says for a moment that it did. */
export function buildCopyButton(read: () => string): HTMLButtonElement {
  const button = buildButton("Copy", "quiet", () => {
    void copyText(read()).then((words) => {
      button.textContent = words;
      setTimeout(() => {
        button.textContent = "Copy";
      }, copiedForMs);
    });
  });
  return button;
}
