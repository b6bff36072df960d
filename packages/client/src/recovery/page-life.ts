/** What becomes of the page that a stream is read by. */
export interface PageLife {
  /** It is looked at again, comes back from the browser's cache, or is online again. */
  readonly onAwake: () => void;
  /** It is left: for good, or into the browser's cache, which keeps what is open. */
  readonly onLeft: () => void;
}

/** All of them come to the window; Node has none, a worker only the first. */
const eventTypes = ["online", "pagehide", "pageshow", "visibilitychange"];

/** Tells of the page's life; silent where there is no page. The returned function ends it. */
export function watchPage({ onAwake, onLeft }: PageLife): () => void {
  const hear = ({ type, persisted }: Event & { readonly persisted?: boolean }): void => {
    if (type === "pagehide") onLeft();
    else if (type === "visibilitychange" ? !document.hidden : persisted !== false) onAwake();
  };
  for (const type of eventTypes) globalThis.addEventListener?.(type, hear);
  return () => {
    for (const type of eventTypes) globalThis.removeEventListener?.(type, hear);
  };
}
