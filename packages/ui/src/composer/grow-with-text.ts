/**
 * Lets a field grow with what is written in it, in browsers that cannot do so in CSS.
 *
 * @returns what to call when the text was changed by the page itself.
 */
export function growWithText(field: HTMLTextAreaElement, signal?: AbortSignal): () => void {
  const canInCss = globalThis.CSS?.supports?.("field-sizing", "content") ?? false;

  function fit(): void {
    if (canInCss) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  field.addEventListener("input", fit, signal && { signal });
  return fit;
}
