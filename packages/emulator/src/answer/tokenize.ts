import type { Random } from "./random.ts";

// A word keeps the space before it, as in the vocabularies of language models.
const wordOrMark = / ?[\p{L}\p{M}\p{N}]+(?:[’'][\p{L}]+)?|\n+|\s| ?[^\s\p{L}\p{M}\p{N}]+/gu;
const longestWhole = 10;

/** Splits a text into pieces the size of a word; put together again they are the text. */
export function tokenize(text: string, random: Random): string[] {
  return (text.match(wordOrMark) ?? []).flatMap((piece) => splitLong(piece, random));
}

/** How many pieces {@link tokenize} makes: chance decides where a word is split, not whether. */
export function countTokens(text: string): number {
  return tokenize(text, () => 0).length;
}

/** Rare long words are two tokens; by code point, so that no character is torn. */
function splitLong(piece: string, random: Random): string[] {
  const characters = Array.from(piece);
  if (characters.length <= longestWhole) return [piece];
  const at = 4 + Math.floor(random() * 4);
  return [characters.slice(0, at).join(""), characters.slice(at).join("")];
}
