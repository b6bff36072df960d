import type { MarkedToken, Token, Tokens } from "marked";
import { buildElement } from "../build-element.ts";
import { buildLink } from "../build-link.ts";
import { createCodeBlock, type CodeContext } from "./code-block.ts";
import { decodeEntities } from "./decode-entities.ts";
import { buildFootnote, buildFootnoteMark } from "./footnotes.ts";
import type { BuildFormula, Formula } from "./formula-view.ts";

/** Deeper, Markdown is shown as it is written: nobody nests like this on purpose. */
const maxDepth = 32;

/** What Markdown is rendered with. */
export interface RenderContext extends CodeContext {
  readonly buildFormula: BuildFormula;
}

/**
 * Renders tokens of Markdown as nodes. No HTML is ever parsed: text is only text, elements and attributes are
 * those made here, so that nothing in an answer can act, and `require-trusted-types-for` has nothing
 * to object to.
 */
export function createTokenRenderer(context: RenderContext) {
  function renderTokens(tokens: readonly Token[] = [], depth = 0): readonly Node[] {
    const nodes: Node[] = [];
    for (let index = 0; index < tokens.length; index += 1) {
      const token = tokens[index] as Token;
      const tag = depth > maxDepth ? undefined : harmlessTagOf(token);
      if (tag === undefined) {
        nodes.push(...(depth > maxDepth ? [new Text(token.raw)] : render(token, depth)));
        continue;
      }
      // Up to its end, or to that of the block: as a browser would read it.
      const end = tokens.findIndex(({ raw }, at) => at > index && raw === `</${tag}>`);
      const inner = tokens.slice(index + 1, end === -1 ? undefined : end);
      nodes.push(buildElement(tag, {}, ...renderTokens(inner, depth + 1)));
      index = end === -1 ? tokens.length : end;
    }
    return nodes;
  }

  function renderItem({ tokens }: Tokens.ListItem, depth = 0): HTMLElement {
    return buildElement("li", {}, ...renderTokens(tokens, depth + 1));
  }

  function render(token: Token, depth: number): readonly Node[] {
    const parent = (
      tag: keyof HTMLElementTagNameMap,
      tokens = childrenOf(token),
    ): readonly Node[] => [buildElement(tag, {}, ...renderTokens(tokens, depth + 1))];
    // Those of parse-blocks.ts, which are not marked's.
    if (token.type === "formula") return [context.buildFormula(token as unknown as Formula)];
    if (token.type === "footnote_mark") return [buildFootnoteMark(token.raw, token["name"])];
    if (token.type === "footnote") {
      const words = renderTokens(childrenOf(token), depth + 1);
      return [buildFootnote(token["name"], words, context.labels)];
    }
    const known = token as MarkedToken;
    switch (known.type) {
      case "space":
      case "def":
        return [];
      case "heading":
        // Below the heading of the message; most answers begin with one of the second level.
        return parent(`h${Math.min(Math.max(known.depth, 2) + 1, 6)}` as "h3");
      case "paragraph":
        return parent("p");
      case "blockquote":
        return parent("blockquote");
      case "strong":
        return parent("strong");
      case "em":
        return parent("em");
      case "del":
        return parent("del");
      case "hr":
        return [buildElement("hr")];
      case "br":
        return [buildElement("br")];
      case "list":
        return [renderList(known, depth)];
      case "table":
        return [renderTable(known, depth)];
      case "code":
        return [renderCode(known)];
      case "codespan":
        return [buildElement("code", {}, known.text)];
      case "html":
        return known.block
          ? [buildElement("p", {}, ...textWithBreaks(known.text.trimEnd()))]
          : textWithBreaks(known.text);
      case "image":
        // To load it would tell its server that somebody reads this answer, and when.
        return [renderLink(known.href, [new Text(decodeEntities(known.text || known.href))])];
      case "link":
        return [renderLink(known.href, renderTokens(known.tokens, depth + 1))];
      case "checkbox":
        return [new Text(known.checked ? "☑ " : "☐ ")];
      case "escape":
        return [new Text(known.text)];
      case "text":
        return known.tokens
          ? renderTokens(known.tokens, depth + 1)
          : [new Text(decodeEntities(known.text))];
      default:
        return [new Text(token.raw)];
    }
  }

  function renderList({ ordered, start, items }: Tokens.List, depth: number): HTMLElement {
    const list = buildElement(ordered ? "ol" : "ul", listAttributes({ ordered, start }));
    list.append(...items.map((item) => renderItem(item, depth + 1)));
    return list;
  }

  function renderRow(tag: "th" | "td", cells: readonly Tokens.TableCell[], depth = 0): HTMLElement {
    const elements = cells.map(({ align, tokens }) =>
      buildElement(tag, { align: align ?? undefined }, ...renderTokens(tokens, depth + 1)),
    );
    return buildElement("tr", {}, ...elements);
  }

  function renderTable({ header, rows }: Tokens.Table, depth: number): HTMLElement {
    const head = buildElement("thead", {}, renderRow("th", header, depth));
    const body = buildElement("tbody", {}, ...rows.map((cells) => renderRow("td", cells, depth)));
    return buildElement("table", {}, head, ...(rows.length > 0 ? [body] : []));
  }

  function renderCode(code: Tokens.Code): HTMLElement {
    const block = createCodeBlock(languageOf(code), context);
    block.setText(code.text);
    void block.finish();
    return block.element;
  }

  return { renderTokens, renderItem, renderRow };
}

export type TokenRenderer = ReturnType<typeof createTokenRenderer>;

/** Tags without attributes that answers use, and that Markdown has no marks for. */
function harmlessTagOf({ type, raw }: Token): "kbd" | "sub" | "sup" | undefined {
  if (type !== "html") return undefined;
  return (["kbd", "sub", "sup"] as const).find((tag) => raw === `<${tag}>`);
}

export function languageOf({ lang = "" }: Tokens.Code): string {
  return lang.split(/\s/, 1)[0] ?? "";
}

function childrenOf(token: Token): readonly Token[] {
  return "tokens" in token ? (token.tokens ?? []) : [];
}

export function listAttributes({ ordered, start }: Pick<Tokens.List, "ordered" | "start">) {
  return { start: ordered && start !== 1 ? String(start) : undefined };
}

function renderLink(address: string, words: readonly Node[]): Node {
  return buildLink(decodeEntities(address), words);
}

/** Other HTML is shown as it is written, except for line breaks, which tables cannot have otherwise. */
function textWithBreaks(html: string): readonly Node[] {
  return html
    .split(/<br\s*\/?>/i)
    .flatMap((text, index) =>
      index === 0 ? [new Text(text)] : [buildElement("br"), new Text(text)],
    );
}
