/**
 * Keeps the end of `element`, where messages are written, above a keyboard on the screen. Where a
 * keyboard covers the page instead of making it smaller, only the visual viewport says so.
 */
export function keepAboveKeyboard(element: HTMLElement, signal: AbortSignal): void {
  const viewport = globalThis.visualViewport;
  if (!viewport) return;

  function fit(): void {
    if (!viewport) return;
    const { offsetTop, height, scale } = viewport;
    const covered = element.getBoundingClientRect().bottom - offsetTop - height;
    // A reader who has zoomed in sees a part of the page, without any keyboard.
    const { activeElement } = element.getRootNode() as Document | ShadowRoot;
    const isTyping = scale === 1 && element.contains(activeElement);
    element.style.paddingBottom = isTyping && covered > 0 ? `${covered}px` : "";
  }

  for (const type of ["resize", "scroll"]) viewport.addEventListener(type, fit, { signal });
  element.addEventListener("focusin", fit, { signal });
  element.addEventListener("focusout", () => requestAnimationFrame(fit), { signal });
}
