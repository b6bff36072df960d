import { buildElement } from "./build-element.ts";

/**
 * Copies a text; call it from a click. Pages without TLS and frames without
 * `allow="clipboard-write"` have no clipboard: there the text is selected and copied from the page.
 *
 * @param html The same text for editors that paste formatted text. It is left out where the clipboard
 *   does not take it.
 * @returns whether it is copied. It never rejects.
 */
export async function copyText(text: string, html?: string): Promise<boolean> {
  try {
    if (html !== undefined) {
      const type = "text/html";
      const plain = new Blob([text], { type: "text/plain" });
      const item = new ClipboardItem({ "text/plain": plain, [type]: new Blob([html], { type }) });
      await navigator.clipboard.write([item]);
      return true;
    }
  } catch {
    // An older browser takes text alone.
  }
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text: string): boolean {
  const focused = deepActiveElement();
  const field = buildElement("textarea", { readonly: "", "aria-hidden": "true" });
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  // Beside a modal dialog nothing can be selected.
  (document.activeElement?.closest("dialog") ?? document.body).append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    focused?.focus({ preventScroll: true });
  }
}

function deepActiveElement(): HTMLElement | undefined {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active instanceof HTMLElement ? active : undefined;
}
