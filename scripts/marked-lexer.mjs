/**
 * Leaves of marked, which is published as one module, only its lexer: a global parser at its end, with
 * functions as properties, keeps the renderer of HTML in every build, 3 kB in gzip.
 *
 * @type {import("rollup").Plugin}
 */
export const markedLexer = {
  name: "marked-lexer",
  transform(code, id) {
    if (!/[\\/]marked[\\/]lib[\\/]marked\.esm\.js$/.test(id)) return null;
    const [rest, , exported = ""] =
      /var ([\w$]+)=new [\w$]+;function [\w$]+\(\w,\w\)\{return \1\.parse\([^]*export\{([^]*)\};/.exec(
        code,
      ) ?? [];
    const names = exported.split(",").filter((name) => /as (?:Lexer|Tokenizer)$/.test(name));
    if (rest === undefined || names.length !== 2) {
      throw new Error("marked is built in another way now: see scripts/marked-lexer.mjs.");
    }
    return { code: code.replace(rest, () => `export{${names.join(",")}};`), map: null };
  },
};
