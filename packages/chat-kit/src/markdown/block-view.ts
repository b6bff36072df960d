import type { Token, Tokens } from "marked";
import { buildElement } from "../build-element.ts";
import { createCodeBlock } from "./code-block.ts";
import { createListView } from "./list-view.ts";
import { languageOf, renderTokens } from "./render-tokens.ts";

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

function renderElement(block: Token): Element {
  const nodes = renderTokens([block]);
  const [first] = nodes;
  return first instanceof Element ? first : buildElement("p", {}, ...nodes);
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

function isCode(block: Token): block is Tokens.Code {
  return block.type === "code";
}

function isList(block: Token): block is Tokens.List {
  return block.type === "list";
}
