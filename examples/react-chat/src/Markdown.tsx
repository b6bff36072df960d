import { createMarkdownView } from "@gatestream/chat-kit";
import { useLayoutEffect, useRef } from "react";

type MarkdownView = ReturnType<typeof createMarkdownView>;

export interface MarkdownProps {
  readonly text: string;
  /** False while the text grows, and when it was cut off. */
  readonly isWhole: boolean;
}

/** Markdown that may grow. React owns the element, the view owns what is in it. */
export function Markdown({ text, isWhole }: MarkdownProps) {
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<MarkdownView | undefined>(undefined);

  useLayoutEffect(() => {
    if (element.current === null) return;
    view.current ??= createMarkdownView(element.current);
    view.current.update(text, { isWhole });
  }, [text, isWhole]);

  return <div className="gs-markdown" dir="auto" ref={element} />;
}
