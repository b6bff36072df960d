/**
 * Makes an element with its attributes and children. Text is only ever text; `undefined` leaves an
 * attribute out.
 */
export function buildElement<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Makes a button that says what it does. `kind` is how much it asks for attention. */
export function buildButton(
  label: string,
  kind: "primary" | "quiet" | "danger",
  onClick: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const button = buildElement(
    "button",
    { class: "gs-button", type: "button", "data-kind": kind, ...attributes },
    label,
  );
  button.addEventListener("click", onClick);
  return button;
}
