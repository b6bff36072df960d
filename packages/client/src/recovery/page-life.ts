/**
 * What becomes of a page: `awake` when it is visible again, restored from the browser's cache or online
 * again; `hidden`; `left` for good, or into the browser's cache, which keeps what is open.
 */
export type PageState = "awake" | "hidden" | "left";

/** All of them come to the window; Node has none, a worker only the first. */
const eventTypes = ["online", "pagehide", "pageshow", "visibilitychange"];

/** Reports what becomes of the page; nothing where there is none. The returned function ends it. */
export function watchPage(onState: (state: PageState) => void): () => void {
  const onEvent = ({ type, persisted }: Event & { readonly persisted?: boolean }): void => {
    if (type === "pagehide") onState("left");
    else if (type === "visibilitychange") onState(document.hidden ? "hidden" : "awake");
    // The first `pageshow` of a page is not a restored one.
    else if (persisted !== false) onState("awake");
  };
  for (const type of eventTypes) globalThis.addEventListener?.(type, onEvent);
  return () => {
    for (const type of eventTypes) globalThis.removeEventListener?.(type, onEvent);
  };
}
