import type { SourceEvent } from "@gatestream/client";
import { buildLink, isSafeAddress } from "../build-link.ts";

const mark = /(\[[^[\]\s]{1,64}\])/;
/** Where `[1]` is no citation, or one already. */
const elsewhere = "a, button, code, pre, .gs-plain, .gs-formula, .gs-citation";

/** Makes `[1]` in a text the link to source `1`, where there is one. */
export function linkCitations(root: Element, sources: ReadonlyMap<string, SourceEvent>): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    if (mark.test(text.data) && !text.parentElement?.closest(elsewhere)) found.push(text);
  }
  for (const text of found) {
    const pieces = text.data.split(mark).map((piece) => {
      const source = mark.test(piece) ? sources.get(piece.slice(1, -1)) : undefined;
      return source ? buildCitation(piece, source) : piece;
    });
    if (pieces.some((piece) => typeof piece !== "string")) text.replaceWith(...pieces);
  }
}

/** Its title is shown on hover and focus, by the style sheet: it is no part of the text that is copied. */
function buildCitation(words: string, { url, title, documentId }: SourceEvent): HTMLElement {
  const name = title || documentId || url;
  return buildLink(url, [words], {
    class: "gs-citation",
    ...(name && { "data-title": name, "aria-label": `${words} ${name}` }),
    ...(!isSafeAddress(url) && { tabindex: "0", role: "note" }),
  });
}
