import type { Token, Tokens } from "marked";
import { createCodeBlock, upgradeCodeBlocks } from "./code-block.ts";
import { createListView } from "./list-view.ts";
import { renderBlock } from "./parse-blocks.ts";
import { sanitise } from "./sanitise.ts";

/** One block on the page. */
export interface BlockView {
  readonly element: Element;
  /** Shows more of the same block. False when that is another one, to be shown anew. */
  update(block: Token): boolean;
}

export function createBlockView(block: Token): BlockView {
  if (isCode(block)) return createCodeView(block);
  if (isList(block)) return createListView(block);
  return { element: renderElement(block), update: ({ raw }) => raw === block.raw };
}

/** A block as one element that is safe to show. */
export function renderElement(block: Token): Element {
  const fragment = sanitise(renderBlock(block));
  upgradeCodeBlocks(fragment);
  return fragment.firstElementChild ?? document.createElement("p");
}

/** Code grows at its end, also while its fence is still open. */
function createCodeView(first: Tokens.Code): BlockView {
  const language = languageOf(first);
  const { element, setText } = createCodeBlock(language);
  setText(first.text);
  return {
    element,
    update(block) {
      if (!isCode(block) || languageOf(block) !== language) return false;
      setText(block.text);
      return true;
    },
  };
}

function languageOf({ lang = "" }: Tokens.Code): string {
  return lang.split(/\s/, 1)[0] ?? "";
}

function isCode(block: Token): block is Tokens.Code {
  return block.type === "code";
}

function isList(block: Token): block is Tokens.List {
  return block.type === "list";
}
