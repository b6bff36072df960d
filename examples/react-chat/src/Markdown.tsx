import { createMarkdownView } from "@gatestream/chat-kit";
import { useLayoutEffect, useRef } from "react";

type MarkdownView = ReturnType<typeof createMarkdownView>;

/** Markdown that may grow. React owns the element, the view owns what is in it. */
export function Markdown({ text }: { readonly text: string }) {
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<MarkdownView | undefined>(undefined);

  useLayoutEffect(() => {
    if (element.current === null) return;
    view.current ??= createMarkdownView(element.current);
    view.current.update(text);
  }, [text]);

  return <div className="gs-markdown" dir="auto" ref={element} />;
}
