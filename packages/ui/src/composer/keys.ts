/**
 * Whether a key belongs to an input method, which is composing a Japanese or Chinese word, say.
 * WebKit ends the composition before it tells of the Enter that has ended it: only `keyCode` 229 is
 * left then.
 */
function isComposingKey({ isComposing, keyCode }: KeyboardEvent): boolean {
  return isComposing || keyCode === 229;
}

/**
 * Whether all that there is to point with are fingers: then the keyboard is on the screen, where Enter
 * has no Shift beside it, and begins a line.
 */
export function isTouchOnly(): boolean {
  const matches = (query: string): boolean => globalThis.matchMedia?.(query).matches ?? false;
  return matches("(pointer: coarse)") && !matches("(any-pointer: fine)");
}

/**
 * Enter alone sends, unless on a touch screen; Shift+Enter begins a line, and an Enter that ends a
 * composition does neither.
 */
export function isSendingKey(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !isComposingKey(event) && !isTouchOnly();
}

/** Escape; not one that ends a composition. */
export function isEscapeKey(event: KeyboardEvent): boolean {
  return event.key === "Escape" && !isComposingKey(event);
}
