/** What a page hears last: a phone may end a hidden tab without another word. */
const hidingTypes = ["pagehide", "visibilitychange"];

/** Calls `listener` when the page is hidden or left. Silent where there is none. */
export function onPageHidden(listener: () => void): () => void {
  const hear = ({ type }: Event): void => {
    if (type === "pagehide" || document.hidden) listener();
  };
  for (const type of hidingTypes) globalThis.addEventListener?.(type, hear);
  return () => {
    for (const type of hidingTypes) globalThis.removeEventListener?.(type, hear);
  };
}
