import type { Tokens } from "marked";
import { buildElement } from "../build-element.ts";
import type { BlockView } from "./block-view.ts";
import type { TokenRenderer } from "./render-tokens.ts";

interface RowView {
  readonly source: string;
  readonly element: HTMLElement;
}

/**
 * A table keeps the rows that have not changed; those whose line has ended settle, and are neither
 * parsed nor compared again.
 */
export function createTableView(first: Tokens.Table, { renderRow }: TokenRenderer): BlockView {
  const headSource = sourceOf(first.header);
  const element = buildElement(
    "table",
    {},
    buildElement("thead", {}, renderRow("th", first.header)),
  );
  const body = buildElement("tbody");
  let open: readonly RowView[] = [];
  let hasSettled = false;

  function show({ rows }: Tokens.Table): void {
    const shown = rows.map((cells, index) => {
      const source = sourceOf(cells);
      const before = open[index];
      if (before?.source === source) return before;
      const next = { source, element: renderRow("td", cells) };
      if (before) before.element.replaceWith(next.element);
      else body.append(next.element);
      return next;
    });
    for (const dropped of open.slice(shown.length)) dropped.element.remove();
    open = shown;
    if (!body.hasChildNodes()) body.remove();
    else if (body.parentNode !== element) element.append(body);
  }

  show(first);
  return {
    element,
    update(block) {
      if (block.type !== "table" || sourceOf(block["header"]) !== headSource) return false;
      show(block as Tokens.Table);
      return true;
    },
    settle(source) {
      const lines = source.split("\n");
      // The header, the line below it, and the row that may still grow.
      const [head = "", marks = "", ...rows] = lines;
      const last = rows.pop();
      if (last === undefined || rows.length > open.length || rows.includes("")) return source;
      open = open.slice(rows.length);
      hasSettled ||= rows.length > 0;
      return [head, marks, last].join("\n");
    },
    giveUp(source) {
      if (!hasSettled) return undefined;
      for (const row of open) row.element.remove();
      return source.split("\n").slice(2).join("\n");
    },
  };
}

/** What a row shows, its alignments included. */
function sourceOf(cells: readonly Tokens.TableCell[]): string {
  return JSON.stringify(cells.map(({ text, align }) => [text, align]));
}
