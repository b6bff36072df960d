import { buildElement } from "../build-element.ts";
import type { MarkdownLabels } from "../labels/labels.ts";

/** `[^1]` as it is written, until its footnote is there. */
export function buildFootnoteMark(raw: string, name: string): HTMLElement {
  return buildElement("span", { class: "gs-footnote-mark", "data-name": name }, raw);
}

/** A footnote where it is written, with the way back to the text. */
export function buildFootnote(
  name: string,
  content: readonly Node[],
  labels: MarkdownLabels,
): HTMLElement {
  const back = buildButton("↩", labels.backToText, () => {
    find(note, "gs-footnote-mark", name)?.querySelector("button")?.focus();
  });
  const words = buildElement("div", {}, ...content);
  const note = buildElement(
    "div",
    { class: "gs-footnote", role: "note", "data-name": name, tabindex: "-1" },
    buildElement("span", { class: "gs-footnote-name" }, name),
    words,
    back,
  );
  return note;
}

/** Makes marks whose footnotes are there the way to them. */
export function bindFootnotes(root: HTMLElement, labels: MarkdownLabels): void {
  const notes = root.getElementsByClassName("gs-footnote");
  if (notes.length === 0) return;
  const names = new Set(Array.from(notes, nameOf));
  for (const mark of root.querySelectorAll(".gs-footnote-mark:not([data-bound])")) {
    const name = nameOf(mark);
    if (!names.has(name)) continue;
    const button = buildButton(name, labels.footnote(name), () => {
      const note = find(mark, "gs-footnote", name);
      note?.focus({ preventScroll: true });
      note?.scrollIntoView?.({ block: "nearest" });
    });
    mark.toggleAttribute("data-bound", true);
    mark.replaceChildren(button);
  }
}

/** The other end, in the same text: a page may show many. */
function find(from: Element, className: string, name: string): HTMLElement | undefined {
  const all = from.closest(".gs-markdown")?.querySelectorAll<HTMLElement>(`.${className}`) ?? [];
  return [...all].find((element) => nameOf(element) === name);
}

function nameOf(element: Element): string {
  return element.getAttribute("data-name") ?? "";
}

function buildButton(words: string, label: string, onClick: () => void): HTMLButtonElement {
  const button = buildElement("button", { type: "button", "aria-label": label }, words);
  button.addEventListener("click", onClick);
  return button;
}
