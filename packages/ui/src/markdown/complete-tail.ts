import type { Token } from "marked";

/**
 * Text that breaks off, as it would be if it ended well: marks that are still open are closed, and a
 * link whose address is not whole yet is only its words. Structure before the last block is the same.
 */
export function completeTail(text: string): string {
  const start = tailStart(text);
  if (start === undefined) return text;
  return text.slice(0, start) + closeMarks(text.slice(start));
}

/** An address that may still grow is not a link yet. Changes the last block. */
export function unlinkTail(text: string, blocks: readonly Token[]): void {
  if (/\s$/.test(text)) return;
  let tokens: readonly Token[] | undefined = blocks;
  while (tokens !== undefined && tokens.length > 0) {
    const last: Token | undefined = tokens.at(-1);
    // A full stop is no part of an address, unless it goes on.
    const isEnd = last?.type === "text" && !/\s/.test(last.raw);
    const link = isEnd ? tokens.at(-2) : last;
    if (link?.type === "link" && link["autolink"] && !link.raw.endsWith(">")) link.type = "text";
    tokens = last && childrenOf(last);
  }
}

function childrenOf(token: Token): readonly Token[] | undefined {
  if (token.type === "list") return token["items"];
  if (token.type === "table") {
    const row = token["rows"].at(-1) ?? token["header"];
    return row.at(-1)?.tokens;
  }
  return "tokens" in token ? token.tokens : undefined;
}

const fence = /^\s*(?:(?:[-*+>]|\d+[.)])\s+)*(`{3,}|~{3,})(.*)$/;
const blockStart = /^\s*(?:[-*+]|\d{1,9}[.)]|#{1,6}|>|\|)(?:\s|$|>)/;

/** Where the block begins that the text breaks off in; undefined in code. */
function tailStart(text: string): number | undefined {
  let openFence: string | undefined;
  let start = 0;
  let position = 0;
  for (const line of text.split("\n")) {
    const [, mark = "", rest = ""] = fence.exec(line) ?? [];
    if (openFence === undefined && mark !== "") openFence = mark;
    else if (openFence !== undefined && mark.startsWith(openFence) && rest.trim() === "") {
      openFence = undefined;
      start = position + line.length + 1;
    }
    if (line.trim() === "") start = position + line.length + 1;
    else if (blockStart.test(line)) start = position;
    position += line.length + 1;
  }
  return openFence === undefined ? Math.min(start, text.length) : undefined;
}

const halfAddress = /(^|[^\\!])!?\[([^[\]\n]*)\]\([^)\n]*$/;
const halfWords = /(^|[^\\!])!?\[([^[\]\n]*)$/;
const halfFootnote = /\[\^[^\]\s]*$/;
const mark = /\\[^]|`+|\*\*|__|~~|\*|_/g;

function closeMarks(tail: string): string {
  const code = openCode(tail);
  const text = code === undefined ? withoutHalfLink(tail) : tail;
  const open: string[] = [];
  let end = text.length;
  for (const { 0: found, index } of text.matchAll(mark)) {
    if (index >= (code?.index ?? text.length)) break;
    if (/^[\\`]/.test(found)) continue;
    const before = text[index - 1] ?? " ";
    const after = text[index + found.length];
    const opener = open.lastIndexOf(found);
    if (opener !== -1 && !/\s/.test(before)) open.length = opener;
    else if (after === undefined) {
      // It has begun to open or to close something, and says nothing by itself yet.
      if (/[\s\p{P}]/u.test(before) || open.at(-1)?.startsWith(found)) end = index;
    } else if (!/\s/.test(after) && /[\s\p{P}]/u.test(before)) open.push(found);
  }
  if (code?.isEmpty) end = code.index;
  else if (code) open.push(code.run);
  const kept = text.slice(0, end);
  return open.length === 0 ? kept : kept.trimEnd() + open.toReversed().join("");
}

function withoutHalfLink(tail: string): string {
  return tail.replace(halfFootnote, "").replace(halfAddress, "$1$2").replace(halfWords, "$1$2");
}

/** Code between backticks that is not closed. */
function openCode(tail: string) {
  let position = 0;
  for (;;) {
    const index = tail.indexOf("`", position);
    if (index === -1) return undefined;
    const [run = ""] = /^`+/.exec(tail.slice(index)) ?? [];
    const contentStart = index + run.length;
    const isEscaped = tail[index - 1] === "\\";
    const close = isEscaped ? contentStart : tail.indexOf(run, contentStart);
    if (close === -1) return { index, run, isEmpty: contentStart === tail.length };
    position = isEscaped ? contentStart : close + run.length;
  }
}
