import type { Token } from "marked";
import { createBlockView, type BlockView } from "./block-view.ts";
import {
  countSettled,
  definitionsIn,
  isVisible,
  parseBlocks,
  type LinkDefinitions,
} from "./parse-blocks.ts";

/** Markdown on the page, safe to show while it is being written. */
export interface MarkdownView {
  /**
   * Shows the whole text so far; call it at most once a frame. What can no longer change stays as it
   * is on the page, so that a selection survives and a long answer costs no more than its length.
   */
  update(text: string): void;
}

/**
 * Shows Markdown in `element`, which should have the class `gs-markdown`. HTML in the text is shown
 * as text, images as links; links open in a tab of their own, and code can be copied. It needs
 * nothing that a strict Content-Security-Policy forbids.
 */
export function createMarkdownView(element: HTMLElement): MarkdownView {
  let shown = "";
  /** What is not settled of `shown`, with the line ends that Markdown counts. */
  let open = "";
  let views: readonly BlockView[] = [];
  let definitions: LinkDefinitions = {};

  function begin(): void {
    shown = "";
    open = "";
    views = [];
    definitions = {};
    element.replaceChildren();
  }

  /** Shows the open blocks, each in the place of what was open there. */
  function show(blocks: readonly Token[]): void {
    const next = blocks.map((block, index) => {
      const before = views[index];
      if (before?.update(block)) return before;
      const view = createBlockView(block);
      if (before) before.element.replaceWith(view.element);
      else element.append(view.element);
      return view;
    });
    for (const dropped of views.slice(next.length)) dropped.element.remove();
    views = next;
  }

  return {
    update(text) {
      if (text === shown) return;
      if (!text.startsWith(shown)) begin();
      // A CR at the end may be the first half of a line end.
      const whole = text.endsWith("\r") ? text.slice(0, -1) : text;
      open += whole.slice(shown.length).replaceAll(/\r\n?/g, "\n");
      shown = whole;
      const blocks = parseBlocks(open, definitions);
      show(blocks.filter(isVisible));
      const settled = blocks.slice(0, countSettled(blocks));
      definitions = { ...definitionsIn(settled), ...definitions };
      views = views.slice(settled.filter(isVisible).length);
      open = open.slice(settled.reduce((length, { raw }) => length + raw.length, 0));
    },
  };
}
