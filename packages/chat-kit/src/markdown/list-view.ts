import type { Token, Tokens } from "marked";
import { buildElement } from "../build-element.ts";
import { upgradeCodeBlocks } from "./code-block.ts";
import { renderBlock } from "./parse-blocks.ts";
import { sanitise } from "./sanitise.ts";

interface ListItemView {
  readonly source: string;
  readonly element: Element;
}

interface ListView {
  readonly element: Element;
  update(block: Token): boolean;
}

/** A list keeps the items that have not changed: one of a hundred is not rendered a hundred times. */
export function createListView(first: Tokens.List): ListView {
  const tag = first.ordered ? "ol" : "ul";
  const start = first.ordered && first.start !== 1 ? String(first.start) : undefined;
  const element = buildElement(tag, { start });
  let items: readonly ListItemView[] = [];

  function show(list: Tokens.List): void {
    const shown = list.items.map((item, index) => {
      // What follows a tight list can make it a loose one, in which items are paragraphs.
      const source = `${list.loose}${item.raw.trimEnd()}`;
      const before = items[index];
      if (before?.source === source) return before;
      const next = { source, element: renderItem(list, item) };
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

function renderItem(list: Tokens.List, item: Tokens.ListItem): Element {
  const fragment = sanitise(renderBlock({ ...list, items: [item] }));
  upgradeCodeBlocks(fragment);
  return fragment.querySelector("li") ?? document.createElement("li");
}
