/**
 * Whether a key belongs to an input method, which is composing a Japanese or Chinese word, say.
 * WebKit ends the composition before it tells of the Enter that has ended it: only `keyCode` 229 is
 * left then.
 */
function isComposingKey({ isComposing, keyCode }: KeyboardEvent): boolean {
  return isComposing || keyCode === 229;
}

/** Enter alone sends; Shift+Enter begins a line, and an Enter that ends a composition does neither. */
export function isSendingKey(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !isComposingKey(event);
}

/** Escape; not one that ends a composition. */
export function isEscapeKey(event: KeyboardEvent): boolean {
  return event.key === "Escape" && !isComposingKey(event);
}
