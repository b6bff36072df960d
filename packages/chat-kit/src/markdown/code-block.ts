import { buildButton, buildElement } from "../build-element.ts";

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

/** Gives what Markdown made of code, inside of a list say, the same form. */
export function upgradeCodeBlocks(parent: ParentNode): void {
  for (const pre of parent.querySelectorAll("pre")) {
    const language = pre.querySelector("code")?.className.replace("language-", "") ?? "";
    const block = createCodeBlock(language);
    block.setText(pre.textContent.replace(/\n$/, ""));
    pre.replaceWith(block.element);
  }
}

/** The button, and who tells a screen reader what became of it. */
function buildCopying(read: () => string): readonly HTMLElement[] {
  const told = buildElement("span", { class: "gs-visually-hidden", role: "status" });
  const label = new Text("Copy");
  const button = buildButton("", "quiet", () => {
    void copy(read()).then((words) => {
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

/** Copies a text, and says in a word whether that went well: pages without TLS may not. */
export async function copy(text: string): Promise<"Copied" | "Cannot copy"> {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    return "Cannot copy";
  }
}
