import type { createMarkdownView as CreateMarkdownView, MarkdownView } from "@gatestream/ui";

let loaded: typeof CreateMarkdownView | undefined;

/**
 * Loads what shows Markdown, a third of the chat: while nothing is asked, nothing is to be shown.
 *
 * @returns whether it is there.
 */
export async function loadMarkdown(): Promise<boolean> {
  try {
    loaded = (await import("./markdown.ts")).createMarkdownView;
    return true;
  } catch (failure) {
    // Only the developer of the page can mend it.
    // oxlint-disable-next-line no-console
    console.warn(
      "gatestream: Markdown could not be loaded, so answers are shown as text.",
      failure,
    );
    return false;
  }
}

/** Takes the place of the kit's own in all builds: it shows nothing until that is loaded. */
export const createMarkdownView: typeof CreateMarkdownView = (element, options) => {
  if (loaded) return loaded(element, options);
  let view: MarkdownView | undefined;
  let last: Parameters<MarkdownView["update"]> | undefined;

  function showText(): void {
    element.classList.add("gs-plain");
    element.textContent = last?.[0] ?? "";
  }

  void loadMarkdown().then((isThere) => {
    view = isThere && loaded ? loaded(element, options) : { update: showText, close() {} };
    if (last) view.update(...last);
  });
  return {
    update(...parameters) {
      last = parameters;
      view?.update(...parameters);
    },
    close: () => view?.close(),
  };
};
