import {
  Lexer,
  Tokenizer,
  type MarkedOptions,
  type Token,
  type TokenizerThis,
  type Tokens,
  type TokensList,
} from "marked";

/** Addresses that a text gives names to, for links that are written `[words][name]`. */
export type LinkDefinitions = TokensList["links"];

/** The parser calls itself for each level, and runs out of stack at about 1,500. */
const tooDeep = /^[ \t]*(?:(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))[ \t]*){33}/m;

/** Emphasis costs the square of its marks: 40,000 in one paragraph would take minutes. */
const maxEmphasisMarks = 500;
/** So many that even to pass over them takes seconds. */
const tooManyMarks = 5000;

const widePunctuation =
  "[\\u3001-\\u3003\\u3008-\\u3011\\u3014-\\u301F\\uFF01-\\uFF0F\\uFF1A-\\uFF20“”‘’]";
const touchesWidePunctuation = new RegExp(`^${widePunctuation}|${widePunctuation}$`);

/** A longer one is text: to look for its end costs as much, again for each mark that may begin one. */
const maxFormulaCharacters = 2000;

/** `\\(a^2\\)`, `\\[a^2\\]` and `$$a^2$$` are formulas, and not escaped brackets. */
function formula(source: string): Tokens.Generic | undefined {
  const [raw, inline, brackets, dollars] =
    /^\\\(((?:(?!\\\))[^]){1,2000})\\\)|^\\\[((?:(?!\\\])[^]){1,2000})\\\](?!\()|^\$\$((?:(?!\$\$)[^]){1,2000})\$\$/.exec(
      source,
    ) ?? [];
  if (raw === undefined) return undefined;
  const text = inline ?? brackets ?? dollars;
  return { type: "formula", raw, text, isDisplay: inline === undefined };
}

/**
 * A formula whose marks stand on lines of their own: what is between them would begin other blocks. One
 * that is not closed ends with its paragraph.
 */
function formulaBlock(source: string): Tokens.Generic | undefined {
  const [opening, mark] = /^ {0,3}(\\\[|\$\$)[ \t]*\n/.exec(source) ?? [];
  if (opening === undefined) return undefined;
  const rest = source.slice(opening.length, opening.length + maxFormulaCharacters + 1);
  const end = /\n[ \t]*\n|$/.exec(rest)?.index ?? rest.length;
  if (end > maxFormulaCharacters) return undefined;
  const paragraph = rest.slice(0, end);
  const closing = mark === "$$" ? /\$\$[ \t]*(?:\n|$)/ : /\\\][ \t]*(?:\n|$)/;
  const { 0: close = "", index = end } = closing.exec(paragraph) ?? {};
  const raw = opening + rest.slice(0, index + close.length);
  const text = close === "" ? undefined : paragraph.slice(0, index).trim();
  return { type: "formula", raw, text, isDisplay: true, isBlock: true };
}

/** `[^1]: words` is a footnote; lines that are indented belong to it. */
function footnote(this: TokenizerThis, source: string): Tokens.Generic | undefined {
  const [raw, name, text = ""] =
    /^ {0,3}\[\^([^\]\s]{1,64})\]:[ \t]*(?!\[\^)([^\n]*(?:\n+(?: {2}|\t)[^\S\n]*\S[^\n]*)*)(?:\n|$)/.exec(
      source,
    ) ?? [];
  if (raw === undefined) return undefined;
  const tokens = this.lexer.blockTokens(text.replaceAll(/\n(?: {2,4}|\t)/g, "\n"), []);
  return { type: "footnote", raw, name, tokens };
}

/** `[^1]` in a text. */
function footnoteMark(source: string): Tokens.Generic | undefined {
  const [raw, name] = /^\[\^([^\]\s]{1,64})\](?!\()/.exec(source) ?? [];
  return raw === undefined ? undefined : { type: "footnote_mark", raw, name };
}

/** Chinese and Japanese have no spaces around words, which CommonMark's rule counts on. */
function strong(this: TokenizerThis, source: string): Tokens.Generic | undefined {
  const [raw, text = ""] = /^\*\*(?![\s*])([^*\n]*[^\s*])\*\*(?!\*)/.exec(source) ?? [];
  if (raw === undefined || !touchesWidePunctuation.test(text)) return undefined;
  return { type: "strong", raw, text, tokens: this.lexer.inlineTokens(text) };
}

class LimitedTokenizer extends Tokenizer {
  #counted = "";
  #markCount = 0;

  override emStrong(
    ...parameters: Parameters<Tokenizer["emStrong"]>
  ): ReturnType<Tokenizer["emStrong"]> {
    const [, masked] = parameters;
    if (masked !== this.#counted) {
      this.#counted = masked;
      this.#markCount = masked.match(/[*_]+/g)?.length ?? 0;
    }
    if (this.#markCount > tooManyMarks) {
      throw new Error("The Markdown has too many marks in one paragraph.");
    }
    return this.#markCount > maxEmphasisMarks ? undefined : super.emStrong(...parameters);
  }
}

// What `Marked.use` makes of the same: its class would bring a renderer of HTML along.
const lexerOptions: MarkedOptions = {
  gfm: true,
  tokenizer: new LimitedTokenizer(),
  extensions: {
    renderers: {},
    childTokens: {},
    block: [footnote, formulaBlock],
    inline: [strong, formula, footnoteMark],
    // Where the text before it ends; every other one begins with what ends a text anyhow.
    startInline: [(source) => source.indexOf("$$")],
  },
};

/**
 * The blocks of a piece of Markdown, whose links may use what earlier pieces have defined.
 *
 * @throws Error when it is nested too deeply, takes too long, or the parser fails at it.
 */
export function parseBlocks(text: string, definitions: LinkDefinitions): readonly Token[] {
  if (tooDeep.test(text)) throw new Error("The Markdown is nested too deeply.");
  const lexer = new Lexer(lexerOptions);
  // Without a prototype: "constructor" is a name like any other.
  lexer.tokens.links = Object.assign(Object.create(null), definitions);
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
