import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import { beforeAll, expect, test } from "vitest";

import type * as marked from "../packages/ui/node_modules/marked/lib/marked.d.ts";
import { decodeEntities } from "../packages/ui/src/markdown/decode-entities.ts";
import { markedLexer } from "./marked-lexer.mjs";

type Lexing = Pick<typeof marked, "Lexer" | "Tokenizer">;

const file = fileURLToPath(
  new URL("../packages/ui/node_modules/marked/lib/marked.esm.js", import.meta.url),
);
let whole: Lexing;
let cut: Lexing;

beforeAll(async () => {
  const bundle = await rollup({ input: file, plugins: [markedLexer] });
  const { output } = await bundle.generate({ format: "es" });
  cut = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  whole = await import(file);
  expect(output[0].exports.toSorted()).toEqual(["Lexer", "Tokenizer"]);
  expect(output[0].code.length).toBeLessThan(39_000);
});

/** What the kit reads of tokens. */
const fields =
  "type raw text tokens depth href title autolink block tag lang ordered start loose items task checked header rows align".split(
    " ",
  );

/** With a tokenizer like the kit's, which decodes the entities of texts. */
function lex({ Lexer, Tokenizer }: Lexing, text: string): string {
  class Own extends Tokenizer {
    override emStrong(...parameters: Parameters<InstanceType<typeof Tokenizer>["emStrong"]>) {
      return super.emStrong(...parameters);
    }
  }
  const lexer = new Lexer({ gfm: true, tokenizer: new Own() });
  return decodeEntities(JSON.stringify(lexer.lex(text), fields));
}

test.each(["README.md", "PROTOCOL.md", "packages/ui/README.md"])(
  "the lexer that is built in reads %s as marked's own",
  async (name) => {
    const text = await readFile(new URL(`../${name}`, import.meta.url), "utf8");
    expect(lex(cut, text)).toBe(lex(whole, text));
  },
);

const pieces = [
  ..."* ** _ __ ~ ~~ ` [ ![ ](/u) ][a] <b> </b> <br> <!-- &amp; &#38;lt; &#0; \\ > - 1. # | é 。 word".split(
    " ",
  ),
  ..."www.a.de https://a.de/b_c a@b.de <https://a.de> <kbd>".split(" "),
  ..." /  \n/\n/\n\n/    /\n===\n/\n---\n/\n```ts\n/\n- [x] /\n| a | b |\n|---|:-:|\n| c |".split(
    "/",
  ),
  "\n[a]: /u 'title'\n",
];

test("… and texts of any marks", () => {
  // The same texts each time.
  let state = 1;
  const below = (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  for (let count = 0; count < 3000; count += 1) {
    const parts = Array.from({ length: below(12) }, () => pieces[below(pieces.length)]);
    const text = parts.join("");
    expect(lex(cut, text), text).toBe(lex(whole, text));
  }
});
