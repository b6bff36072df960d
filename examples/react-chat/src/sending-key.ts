/** Enter alone; an Enter that ends the composition of a Japanese or Chinese word must not send. */
export function isSendingKey({ key, shiftKey, isComposing }: KeyboardEvent): boolean {
  return key === "Enter" && !shiftKey && !isComposing;
}
