import type { Token, Tokens } from "marked";
import { buildElement } from "../build-element.ts";
import { createCodeBlock } from "./code-block.ts";
import { createListView } from "./list-view.ts";
import { createTableView } from "./table-view.ts";
import { createTokenRenderer, languageOf, type RenderContext } from "./render-tokens.ts";

/** One block on the page. */
export interface BlockView {
  readonly element: Element;
  /** Shows more of the same block. False when that is another one, to be shown anew. */
  update(block: Token): boolean;
  /**
   * Keeps those parts of the block that no further text can change. Returns what is to be parsed from
   * now on in the place of `source`, which is all of the block so far.
   */
  settle?(source: string): string;
  /**
   * The rest of the text cannot be parsed: what has settled stays as it is. Returns what is not shown
   * yet of `source`; undefined when nothing has settled.
   */
  giveUp?(source: string): string | undefined;
  /** The block has ended. */
  finish?(): void;
}

export type BlockViews = (block: Token) => BlockView;

/** Makes the views of blocks, all rendered with the same context. */
export function createBlockViews(context: RenderContext): BlockViews {
  const renderer = createTokenRenderer(context);

  function renderElement(block: Token): Element {
    const nodes = renderer.renderTokens([block]);
    const [first] = nodes;
    return first instanceof Element ? first : buildElement("p", {}, ...nodes);
  }

  /** Code grows at its end, also while its fence is still open. */
  function createCodeView(first: Tokens.Code): BlockView {
    const language = languageOf(first);
    const { element, setText, finish } = createCodeBlock(language, context);
    setText(first.text);
    return {
      element,
      update(block) {
        if (!isCode(block) || languageOf(block) !== language) return false;
        setText(block.text);
        return true;
      },
      finish: () => void finish(),
    };
  }

  return (block) => {
    if (isCode(block)) return createCodeView(block);
    if (isList(block)) return createListView(block, renderer);
    if (isTable(block)) return createTableView(block, renderer);
    return { element: renderElement(block), update: ({ raw }) => raw === block.raw };
  };
}

function isCode(block: Token): block is Tokens.Code {
  return block.type === "code";
}

function isList(block: Token): block is Tokens.List {
  return block.type === "list";
}

function isTable(block: Token): block is Tokens.Table {
  return block.type === "table";
}
