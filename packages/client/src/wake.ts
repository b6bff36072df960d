/** All of them come to the window; Node has none, a worker only the first. */
const wakeTypes = ["online", "pageshow", "visibilitychange"];

/**
 * Calls `listener` when a page is looked at again, comes back from the browser's cache, or is online
 * again. Silent where there is no page. The returned function ends it.
 */
export function onWake(listener: () => void): () => void {
  const hear = ({ type, persisted }: Event & { readonly persisted?: boolean }): void => {
    if (type === "visibilitychange" ? !document.hidden : persisted !== false) listener();
  };
  for (const type of wakeTypes) globalThis.addEventListener?.(type, hear);
  return () => {
    for (const type of wakeTypes) globalThis.removeEventListener?.(type, hear);
  };
}
