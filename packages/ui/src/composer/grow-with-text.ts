/** So long a text is higher than any field may become: it need not be measured at each key. */
const longCharacters = 5000;

/**
 * Lets a field grow with what is written in it, in browsers that cannot do so in CSS.
 *
 * @returns what to call when the text was changed by the page itself.
 */
export function growWithText(field: HTMLTextAreaElement): () => void {
  const canInCss = globalThis.CSS?.supports?.("field-sizing", "content") ?? false;

  function fit(): void {
    if (canInCss) return;
    const isLong = field.value.length > longCharacters;
    field.style.height = isLong ? "100vh" : "auto";
    if (!isLong) field.style.height = `${field.scrollHeight}px`;
  }

  field.addEventListener("input", fit);
  return fit;
}
