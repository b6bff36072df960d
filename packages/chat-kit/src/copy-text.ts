import { buildElement } from "./build-element.ts";

/**
 * Copies a text; call it when somebody has clicked. Pages without TLS and frames without
 * `allow="clipboard-write"` have no clipboard: there the text is selected and copied from the page.
 *
 * @returns what to show. It never rejects.
 */
export async function copyText(text: string): Promise<"Copied" | "Cannot copy"> {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    return copySelected(text) ? "Copied" : "Cannot copy";
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
