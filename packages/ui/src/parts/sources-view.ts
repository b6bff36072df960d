import type { SourceEvent } from "@gatestream/client";
import { buildElement } from "../build-element.ts";
import { buildLink } from "../build-link.ts";
import type { Labels } from "../labels/labels.ts";

/** What an answer is based on, numbered as its text numbers it. */
export function buildSources(sources: readonly SourceEvent[], labels: Labels): HTMLElement {
  const items = sources.map(({ sourceId, url, title, documentId }, index) => {
    const number = /^\d{1,4}$/.test(sourceId) ? sourceId : String(index + 1);
    return buildElement(
      "li",
      { value: number, dir: "auto" },
      buildLink(url, [title || documentId || url || sourceId]),
    );
  });
  return buildElement(
    "section",
    { class: "gs-sources", part: "sources", "aria-label": labels.sources },
    buildElement("p", {}, labels.sources),
    buildElement("ol", {}, ...items),
  );
}
