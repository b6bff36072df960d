import { Lexer, Marked, type Token, type Tokens, type TokensList } from "marked";

/** Addresses that a text gives names to, for links that are written `[words][name]`. */
export type LinkDefinitions = TokensList["links"];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => escapes[character] ?? character);
}

const markdown = new Marked({
  renderer: {
    // An answer about HTML shows the HTML; none of it becomes a part of the page.
    html: ({ text, block }) => (block ? `<p>${escapeHtml(text)}</p>` : escapeHtml(text)),
    // To load an image would tell its server that somebody reads this answer, and when.
    image: ({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

/** The blocks of a piece of Markdown, whose links may use what earlier pieces have defined. */
export function parseBlocks(text: string, definitions: LinkDefinitions): readonly Token[] {
  const lexer = new Lexer(markdown.defaults);
  lexer.tokens.links = { ...definitions };
  return lexer.lex(text);
}

/** What settled blocks define; not before, since half an address is one too. */
export function definitionsIn(blocks: readonly Token[]): LinkDefinitions {
  const entries = blocks
    .filter((block): block is Tokens.Def => block.type === "def")
    .map(({ tag, href, title }) => [tag, { href, title }] as const);
  // The first one counts.
  return Object.fromEntries(entries.toReversed());
}

/** HTML that nobody may trust. */
export function renderBlock(block: Token): string {
  return markdown.parser([block]);
}

/** Whether there is anything of a block to be seen. */
export function isVisible({ type }: Token): boolean {
  return type !== "space" && type !== "def";
}

/**
 * How many blocks no further text can change. The last one is still being written; and the one before
 * it too as long as the last one has only begun its first line: `2` may yet become `2. …`, and a part
 * of the list above.
 */
export function countSettled(blocks: readonly Token[]): number {
  const last = blocks.findLastIndex(isVisible);
  const hasWholeLine = last < blocks.length - 1 || blocks[last]?.raw.includes("\n");
  const firstOpen = hasWholeLine
    ? last
    : blocks.slice(0, Math.max(last, 0)).findLastIndex(isVisible);
  return Math.max(firstOpen, 0);
}
