import { createMarkdownView, type MarkdownOptions, type MarkdownUpdate } from "@gatestream/ui";
import { useEffect } from "react";
import { useView } from "./use-view.ts";

/** What Markdown is shown with. */
export interface MarkdownProps extends MarkdownOptions, MarkdownUpdate {
  /** The whole text so far. */
  readonly text: string;
  readonly className?: string | undefined;
}

/** Markdown, safe to show while it is being written: what has settled stays on the page. */
export function Markdown({
  text,
  isWhole,
  sources,
  labels,
  highlight,
  maths,
  className = "gs-markdown",
}: MarkdownProps) {
  const { ref, view } = useView(
    (element) => {
      const created = createMarkdownView(element, { labels, highlight, maths });
      created.update(text, { isWhole, sources });
      return created;
    },
    [labels, highlight, maths],
  );
  useEffect(() => view?.update(text, { isWhole, sources }), [view, text, isWhole, sources]);
  return <div ref={ref} className={className} dir="auto" />;
}
