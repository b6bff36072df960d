import type { SourceEvent } from "@gatestream/client";
import type { Token } from "marked";
import { buildElement } from "../build-element.ts";
import type { MarkdownLabels } from "../labels/labels.ts";
import { createBlockViews, type BlockView } from "./block-view.ts";
import { linkCitations } from "./citations.ts";
import type { Highlight } from "./code-block.ts";
import { completeTail, unlinkTail } from "./complete-tail.ts";
import { english } from "./english.ts";
import { bindFootnotes } from "./footnotes.ts";
import { createFormulaBuilder, type Maths } from "./formula-view.ts";
import {
  countSettled,
  definitionsIn,
  isVisible,
  parseBlocks,
  type LinkDefinitions,
} from "./parse-blocks.ts";

export interface MarkdownOptions {
  /** @defaultValue English */
  readonly labels?: MarkdownLabels | undefined;
  /**
   * Colours code that has ended.
   *
   * @defaultValue code has no colours
   */
  readonly highlight?: Highlight | undefined;
  /**
   * Sets formulas: `\\(…\\)`, `\\[…\\]`, `$$…$$`.
   *
   * @defaultValue they are shown as they are written
   */
  readonly maths?: Maths | undefined;
}

export interface MarkdownUpdate {
  /**
   * Whether the text has ended as it was meant to. One that goes on, or was cut off, is shown as if its
   * open marks were closed, and a link is only live once its address is whole.
   *
   * @defaultValue true
   */
  readonly isWhole?: boolean | undefined;
  /**
   * What the text is based on: `[1]` is a link to source `1`, except in code.
   *
   * @defaultValue none
   */
  readonly sources?: readonly SourceEvent[] | undefined;
}

/** Markdown on the page, safe to show while it is being written. */
export interface MarkdownView {
  /**
   * Shows the whole text so far; call it at most once a frame. What can no longer change stays as it
   * is on the page, so that a selection survives and a long answer costs no more than its length.
   * It never throws: what cannot be parsed, or is nested too deeply, is shown as text.
   */
  update(text: string, update?: MarkdownUpdate): void;
  /** Takes it off the page. */
  close(): void;
}

/**
 * Shows Markdown in `element`, which should have the class `gs-markdown`. HTML in the text is shown
 * as text, images as links; links open in a tab of their own, and code can be copied. It needs
 * nothing that a strict Content-Security-Policy or Trusted Types forbid.
 */
export function createMarkdownView(
  element: HTMLElement,
  { labels = english, highlight, maths }: MarkdownOptions = {},
): MarkdownView {
  const buildFormula = createFormulaBuilder(maths);
  const createBlockView = createBlockViews({ labels, highlight, buildFormula });
  let shown = "";
  let shownWhole = true;
  /** What is not settled of `shown`, with the line ends that Markdown counts. */
  let open = "";
  let views: readonly BlockView[] = [];
  let definitions: LinkDefinitions = {};
  let sources: ReadonlyMap<string, SourceEvent> = new Map();
  /** Holds the rest of a text that could not be parsed. */
  let plain: Text | undefined;

  function begin(): void {
    shown = "";
    open = "";
    views = [];
    definitions = {};
    plain = undefined;
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

  function showOpen(isWhole: boolean): void {
    const blocks = parseBlocks(isWhole ? open : completeTail(open), definitions);
    if (!isWhole) unlinkTail(open, blocks);
    show(blocks.filter(isVisible));
    if (sources.size > 0) for (const view of views) linkCitations(view.element, sources);
    bindFootnotes(element, labels);
    const settled = blocks.slice(0, countSettled(blocks));
    definitions = { ...definitionsIn(settled), ...definitions };
    const settledCount = settled.filter(isVisible).length;
    for (const view of isWhole ? views : views.slice(0, settledCount)) view.finish?.();
    views = views.slice(settledCount);
    open = open.slice(settled.reduce((length, { raw }) => length + raw.length, 0));
    const [last, ...others] = views;
    if (others.length === 0 && last?.settle) open = last.settle(open);
  }

  function showAsText(settledCount: number): void {
    for (const child of [...element.children].slice(settledCount)) child.remove();
    views = [];
    plain = new Text(open);
    element.append(buildElement("p", { class: "gs-plain" }, plain));
  }

  return {
    update(text, { isWhole = true, sources: given = [] } = {}) {
      if (given.length !== sources.size) {
        sources = new Map(given.map((source) => [source.sourceId, source]));
        // Also in what has settled.
        linkCitations(element, sources);
      }
      if (text === shown && isWhole === shownWhole) return;
      if (!text.startsWith(shown)) begin();
      // A CR at the end may be the first half of a line end.
      const whole = text.endsWith("\r") ? text.slice(0, -1) : text;
      const added = whole.slice(shown.length).replaceAll(/\r\n?/g, "\n");
      shown = whole;
      shownWhole = isWhole;
      if (plain) return plain.appendData(added);
      open += added;
      const settledCount = element.childElementCount - views.length;
      try {
        showOpen(isWhole);
      } catch {
        // A parser that runs out of stack must not take the conversation with it.
        const rest = views[0]?.giveUp?.(open);
        open = rest ?? open;
        showAsText(rest === undefined ? settledCount : settledCount + 1);
      }
    },
    close: begin,
  };
}
