const changed = "marked is built in another way now: see scripts/marked-lexer.mjs.";

/**
 * Leaves of marked, which is published as one module, only its lexer with the rules of GitHub: a global
 * parser at its end, with functions as properties, keeps the renderer of HTML in every build, 3 kB in
 * gzip; and rules of Markdown as it was before CommonMark, which an option chooses, another 0.7 kB.
 *
 * @type {import("rollup").Plugin}
 */
export const markedLexer = {
  name: "marked-lexer",
  transform(code, id) {
    if (!/[\\/]marked[\\/]lib[\\/]marked\.esm\.js$/.test(id)) return null;
    const lexer = withGitHubsRules(lexerOf(code));
    return { code: withoutUnused(lexer, (text) => this.parse(text)), map: null };
  },
};

/** @param {string} code */
function lexerOf(code) {
  const [rest, , exported = ""] =
    /var ([\w$]+)=new [\w$]+;function [\w$]+\(\w,\w\)\{return \1\.parse\([^]*export\{([^]*)\};/.exec(
      code,
    ) ?? [];
  const names = exported.split(",").filter((name) => /as (?:Lexer|Tokenizer)$/.test(name));
  if (rest === undefined || names.length !== 2) throw new Error(changed);
  return code.replace(rest, () => `export{${names.join(",")}};`);
}

/** @param {string} code */
function withGitHubsRules(code) {
  const rules =
    /(=\{normal:[\w$]+,gfm:[\w$]+),pedantic:[\w$]+(\},[\w$]+=\{normal:[\w$]+,gfm:[\w$]+),breaks:[\w$]+,pedantic:[\w$]+\}/;
  if (!rules.test(code)) throw new Error(changed);
  return code
    .replace(rules, "$1$2}")
    .replaceAll(/this\.options\.(?:pedantic|breaks)\b/g, "false")
    .replaceAll("this.options.gfm", "true");
}

/**
 * Removes constants that nothing uses: rollup keeps those that a function has made.
 *
 * @param {string} code
 * @param {(code: string) => import("rollup").ProgramNode} parse
 */
function withoutUnused(code, parse) {
  for (;;) {
    const program = parse(code);
    const identifiers = [...code.matchAll(/(?<![\w$.])[\w$]+/g)].map(([name]) => name);
    const unused = program.body
      .flatMap((node) => (node.type === "VariableDeclaration" ? node.declarations.slice(1) : []))
      .find(
        ({ id }) =>
          id.type === "Identifier" && identifiers.filter((name) => name === id.name).length === 1,
      );
    if (unused === undefined) return code;
    const { start, end } = /** @type {{ start: number, end: number }} */ (
      /** @type {unknown} */ (unused)
    );
    // With the comma before it: the first one of a declaration stays.
    code = code.slice(0, start).replace(/,$/, "") + code.slice(end);
  }
}
