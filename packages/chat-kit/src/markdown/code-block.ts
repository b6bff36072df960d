import { buildButton, buildElement } from "../build-element.ts";
import { copyText } from "../copy-text.ts";

const copiedForMs = 2000;

/** Code with its language and a button that copies it. */
export interface CodeBlock {
  readonly element: HTMLElement;
  /** Shows the code as far as it goes; what is there already stays, and stays selected. */
  setText(text: string): void;
}

export function createCodeBlock(language: string): CodeBlock {
  const text = new Text();
  const name = language === "" ? "Code" : language;
  const header = buildElement(
    "figcaption",
    { class: "gs-code-header" },
    buildElement("span", { class: "gs-code-language" }, name),
    ...buildCopying(() => text.data),
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

/** The button, and who tells a screen reader what became of it. */
function buildCopying(read: () => string): readonly HTMLElement[] {
  const told = buildElement("span", { class: "gs-visually-hidden", role: "status" });
  const label = new Text("Copy");
  const button = buildButton("", "quiet", () => {
    void copyText(read()).then((words) => {
      label.data = words;
      told.textContent = words;
      setTimeout(() => {
        label.data = "Copy";
        told.textContent = "";
      }, copiedForMs);
    });
  });
  button.append(label, buildElement("span", { class: "gs-visually-hidden" }, " code"));
  return [button, told];
}
