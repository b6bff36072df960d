import { buildButton, buildElement } from "../build-element.ts";

/** Lines in a square of 24. */
const paths = {
  again: "M19 12a7 7 0 1 1-2-5l3 3M20 4v6h-6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  done: "m5 12 5 5 9-10",
  download: "M12 4v11m-5-5 5 5 5-5M4 20h16",
  edit: "m4 20 1-5L16 4l4 4L9 19z",
  new: "M12 4H4v16h16v-8m-11 3 1-4 8-8 3 3-8 8z",
  handover: "M4 21c0-9 16-9 16 0M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
  previous: "m15 5-7 7 7 7",
  next: "m9 5 7 7-7 7",
  up: "M7 10v10H3V10zh1l4-7c2 0 3 2 2 6h6l-2 10c0 1-1 1-2 1H7",
  down: "M17 14V4h4v10zh-1l-4 7c-2 0-3-2-2-6H4L6 5c0-1 1-1 2-1h9",
};

export type Icon = keyof typeof paths;

/** A button that is an icon, with a label: in a header beside it, elsewhere seen on hover and focus. */
export interface IconButton {
  readonly element: HTMLButtonElement;
  /** Shows another icon and says another label. */
  setFace(icon: Icon, label: string): void;
  /** Calls the button `name(label)` from now on: it says which message it belongs to. */
  setName(name: (label: string) => string): void;
}

export function createIconButton(icon: Icon, label: string, onClick: () => void): IconButton {
  const element = buildButton("", "quiet", onClick, {
    class: "gs-button gs-icon-button",
    "data-icon": icon,
  });
  const words = buildElement("span", { class: "gs-label" });
  const path = buildSvg("path", {});
  element.append(buildSvg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, path), words);
  let nameOf = (shown: string): string => shown;

  function setName(name: (shown: string) => string): void {
    nameOf = name;
    element.ariaLabel = nameOf(words.textContent);
  }

  function setFace(nextIcon: Icon, nextLabel: string): void {
    path.setAttribute("d", paths[nextIcon]);
    words.textContent = nextLabel;
    setName(nameOf);
  }

  setFace(icon, label);
  return { element, setFace, setName };
}

function buildSvg(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Node[]
): Element {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
