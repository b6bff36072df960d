import type { Token, Tokens } from "marked";
import { buildElement } from "../build-element.ts";
import { listAttributes, type TokenRenderer } from "./render-tokens.ts";

interface ListItemView {
  readonly source: string;
  readonly element: Element;
}

interface ListView {
  readonly element: Element;
  update(block: Token): boolean;
}

/** A list keeps the items that have not changed: one of a hundred is not rendered a hundred times. */
export function createListView(first: Tokens.List, { renderItem }: TokenRenderer): ListView {
  const tag = first.ordered ? "ol" : "ul";
  const element = buildElement(tag, listAttributes(first));
  let items: readonly ListItemView[] = [];

  function show(list: Tokens.List): void {
    const shown = list.items.map((item, index) => {
      // What follows a tight list can make it a loose one, in which items are paragraphs.
      const source = `${list.loose}${item.raw.trimEnd()}`;
      const before = items[index];
      if (before?.source === source) return before;
      const next = { source, element: renderItem(item) };
      if (before) before.element.replaceWith(next.element);
      else element.append(next.element);
      return next;
    });
    for (const { element: dropped } of items.slice(shown.length)) dropped.remove();
    items = shown;
  }

  show(first);
  return {
    element,
    update(block) {
      if (!isSameList(block)) return false;
      show(block);
      return true;
    },
  };

  function isSameList(block: Token): block is Tokens.List {
    return (
      block.type === "list" && block["ordered"] === first.ordered && block["start"] === first.start
    );
  }
}
