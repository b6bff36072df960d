const changed = "marked is built in another way now: see scripts/marked-lexer.mjs.";

/**
 * Leaves of marked, which is published as one module, only its lexer with the rules of GitHub: a global
 * parser at its end, with functions as properties, keeps the renderer of HTML in every build, 3 kB in
 * gzip; rules of Markdown as it was before CommonMark, which an option chooses, are another 0.7 kB, and
 * options that the kit never sets, with what they choose, and long names 1.2 kB.
 *
 * @type {import("rollup").Plugin}
 */
export const markedLexer = {
  name: "marked-lexer",
  transform(code, id) {
    if (!/[\\/]marked[\\/]lib[\\/]marked\.esm\.js$/.test(id)) return null;
    const parse = (/** @type {string} */ text) => this.parse(text);
    const lexer = [...edits, ...properties].reduce(edit, lexerOf(code));
    return { code: withoutUnused(withoutTable(lexer, parse), parse), map: null };
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

/**
 * What is replaced, and by what.
 *
 * @type {readonly (readonly [RegExp, string])[]}
 */
const edits = [
  // The sets of rules: GitHub's, without those of the others that GitHub's take the place of.
  [
    /=\{normal:[\w$]+,(gfm:[\w$]+),pedantic:[\w$]+\},([\w$]+)=\{normal:[\w$]+,(gfm:[\w$]+),breaks:[\w$]+,pedantic:[\w$]+\}/g,
    "={$1},$2={$3}",
  ],
  [/\.normal\b/g, ".gfm"],
  [
    /lheading:[\w$]+,(list:[\w$]+,newline:[\w$]+),paragraph:[\w$]+,table:[\w$]+,(text:[\w$]+\})/g,
    "$1,$2",
  ],
  [/\b_backpedal:q,/g, ""],
  [/\bdel:q,delLDelim:q,delRDelim:q,emStrongLDelim:[\w$]+,emStrongRDelimAst:[\w$]+,/g, ""],
  [/,text:[\w$]+,url:q\}/g, "}"],
  // Options.
  [/this\.options\.(?:pedantic|breaks|silent)\b/g, "false"],
  [/this\.options\.gfm\b/g, "true"],
  [/this\.options=(\w)\|\|[\w$]+/g, "this.options=$1"],
  [/this\.options\.extensions\?\.startBlock\b/g, "false"],
  [/this\.options\.hooks\?\.emStrongMask\|\|/g, ""],
  [/this\.options\.hooks\?\.emStrongMask\?\.call\(\{lexer:this\},(\w)\)\?\?\1/g, "$1"],
  // The kit's tokenizer has another `emStrong`, and no other `paragraph`.
  [/this\.tokenizer\.emStrong!==[\w$]+\.prototype\.emStrong/g, "true"],
  [/this\.tokenizer\.paragraph===[\w$]+\.prototype\.paragraph/g, "true"],
  [/static get rules\(\)\{.*?\}\}static lex\(.*?\}static lexInline\(.*?\}(?=lex\()/g, ""],
  // The kit decodes entities where it shows text.
  [/(text:\w\?\w\[0\]):[\w$]+\((\w\[0\])\)/g, "$1:$2"],
];

/** Properties that only the lexer itself reads: it needs no names that long. */
const properties =
  "_backpedal anyPunctuation anyPunctuationOutsideCode blockSkip delLDelim delRDelim emStrongLDelim emStrongRDelimAst emStrongRDelimUnd inLink inRawBlock infiniteLoopError inlineQueue lastPossibleDelCloserIndex lastPossibleEmStrongCloserIndex lastToken linkEmitted linkInText linkParenPossible maskedSrc nolink reflinkSearch"
    .split(" ")
    .map((name, index) => /** @type {const} */ ([new RegExp(`\\b${name}\\b`, "g"), `p${index}`]));

/**
 * @param {string} code
 * @param {readonly [RegExp, string]} edit
 */
function edit(code, [pattern, replacement]) {
  const edited = code.replace(pattern, replacement);
  if (edited === code) throw new Error(`${changed} It has no ${pattern}.`);
  return edited;
}

/**
 * Makes each expression of a table of many a constant: those that nothing uses are left out then, and
 * the others get short names.
 *
 * @param {string} code
 * @param {(code: string) => import("rollup").ProgramNode} parse
 */
function withoutTable(code, parse) {
  const table = parse(code)
    .body.flatMap((node) => (node.type === "VariableDeclaration" ? node.declarations : []))
    .find(({ init }) => init && code.startsWith("{codeRemoveIndent:", placeOf(init).start));
  if (table?.id.type !== "Identifier" || table.init?.type !== "ObjectExpression") {
    throw new Error(changed);
  }
  const { name } = table.id;
  const rows = table.init.properties.map((row) => {
    const { start, end } = placeOf(row);
    const [key = "", ...value] = code.slice(start, end).split(":");
    return { key, value: value.join(":") };
  });
  const { start, end } = placeOf(table);
  const constants = rows.map(({ key, value }) => `${name}_${key}=${value}`).join();
  const separate = code.slice(0, start) + constants + code.slice(end);
  return rows.reduce(
    (text, { key }) =>
      text.replaceAll(
        new RegExp(`(?:[\\w$.]+\\.other|\\b${name})\\.${key}\\b`, "g"),
        `${name}_${key}`,
      ),
    separate.replace(`{other:${name},`, "{"),
  );
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
    const identifiers = [...code.matchAll(/(?<=\.{3}|(?<![\w$.]))[\w$]+/g)].map(([name]) => name);
    const unused = program.body
      .flatMap((node) => (node.type === "VariableDeclaration" ? node.declarations.slice(1) : []))
      .find(
        ({ id }) =>
          id.type === "Identifier" && identifiers.filter((name) => name === id.name).length === 1,
      );
    if (unused === undefined) return code;
    const { start, end } = placeOf(unused);
    // With the comma before it: the first one of a declaration stays.
    code = code.slice(0, start).replace(/,$/, "") + code.slice(end);
  }
}

/**
 * Where a node of the parser's is in its code.
 *
 * @param {unknown} node
 */
function placeOf(node) {
  return /** @type {{ start: number, end: number }} */ (node);
}
