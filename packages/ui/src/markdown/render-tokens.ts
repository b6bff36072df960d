import type { MarkedToken, Token, Tokens } from "marked";
import { buildElement } from "../build-element.ts";
import type { Labels } from "../labels/labels.ts";
import { createCodeBlock } from "./code-block.ts";
import { decodeEntities } from "./decode-entities.ts";

/** Deeper, Markdown is shown as it is written: nobody nests like this on purpose. */
const maxDepth = 32;

/** What Markdown is rendered with. */
export interface RenderContext {
  readonly labels: Labels;
}

/**
 * Renders tokens of Markdown as nodes. No HTML is ever parsed: text is only text, elements and attributes are
 * those made here, so that nothing in an answer can act, and `require-trusted-types-for` has nothing
 * to object to.
 */
export function createTokenRenderer({ labels }: RenderContext) {
  function renderTokens(tokens: readonly Token[] = [], depth = 0): readonly Node[] {
    return tokens.flatMap((token) =>
      depth > maxDepth ? [new Text(token.raw)] : render(token, depth),
    );
  }

  function renderItem({ tokens }: Tokens.ListItem, depth = 0): HTMLElement {
    return buildElement("li", {}, ...renderTokens(tokens, depth + 1));
  }

  function render(token: Token, depth: number): readonly Node[] {
    const parent = (
      tag: keyof HTMLElementTagNameMap,
      tokens = childrenOf(token),
    ): readonly Node[] => [buildElement(tag, {}, ...renderTokens(tokens, depth + 1))];
    const known = token as MarkedToken;
    switch (known.type) {
      case "space":
      case "def":
        return [];
      case "heading":
        return parent(`h${known.depth}` as "h1");
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

  function renderTable({ header, rows }: Tokens.Table, depth: number): HTMLElement {
    const row = (tag: "th" | "td", cells: readonly Tokens.TableCell[]): HTMLElement =>
      buildElement(
        "tr",
        {},
        ...cells.map(({ align, tokens }) =>
          buildElement(tag, { align: align ?? undefined }, ...renderTokens(tokens, depth + 1)),
        ),
      );
    const head = buildElement("thead", {}, row("th", header));
    const body = buildElement("tbody", {}, ...rows.map((cells) => row("td", cells)));
    return buildElement("table", {}, head, ...(rows.length > 0 ? [body] : []));
  }

  function renderCode(code: Tokens.Code): HTMLElement {
    const block = createCodeBlock(languageOf(code), labels);
    block.setText(code.text);
    return block.element;
  }

  return { renderTokens, renderItem };
}

export type TokenRenderer = ReturnType<typeof createTokenRenderer>;

export function languageOf({ lang = "" }: Tokens.Code): string {
  return lang.split(/\s/, 1)[0] ?? "";
}

function childrenOf(token: Token): readonly Token[] {
  return "tokens" in token ? (token.tokens ?? []) : [];
}

export function listAttributes({ ordered, start }: Pick<Tokens.List, "ordered" | "start">) {
  return { start: ordered && start !== 1 ? String(start) : undefined };
}

/** Only addresses that lead somewhere else: an answer does not know what is beside the page. */
const allowedAddress = /^(?:https?|mailto|tel):/i;

function renderLink(address: string, words: readonly Node[]): Node {
  const href = decodeEntities(address);
  if (!allowedAddress.test(href)) return buildElement("span", {}, ...words);
  // The new tab learns nothing of the page that it came from.
  return buildElement("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...words);
}

/** HTML is shown as it is written, except for line breaks, which tables cannot have otherwise. */
function textWithBreaks(html: string): readonly Node[] {
  return html
    .split(/<br\s*\/?>/i)
    .flatMap((text, index) =>
      index === 0 ? [new Text(text)] : [buildElement("br"), new Text(text)],
    );
}
