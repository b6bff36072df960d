import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { markedLexer } from "../../scripts/marked-lexer.mjs";
import { packageBuilds, scriptTagBuild } from "../../scripts/rollup-package.mjs";
import manifest from "./package.json" with { type: "json" };

const suffix = "?raw";

/**
 * Puts a style sheet that is imported as `….css?raw` into the build, as text, minified.
 *
 * @type {import("rollup").Plugin}
 */
const rawText = {
  name: "raw-text",
  resolveId(id, importer = "") {
    if (!id.endsWith(suffix)) return undefined;
    const path = id.slice(0, -suffix.length);
    const url = path.startsWith(".")
      ? new URL(path, `file://${importer}`).href
      : import.meta.resolve(path);
    return fileURLToPath(url) + suffix;
  },
  async load(id) {
    if (!id.endsWith(suffix)) return undefined;
    const text = await readFile(id.slice(0, -suffix.length), "utf8");
    const { code } = await transform(text, { loader: "css", minify: true });
    return `export default ${JSON.stringify(code)};`;
  },
};

/** The words of each language lie beside the script, which loads them when they are asked for. */
const labels = readdirSync(new URL("../ui/src/labels", import.meta.url))
  .filter((name) => /^[a-z]{2}\.ts$/.test(name))
  .map((name) => [`labels/${name.slice(0, 2)}`, `../ui/src/labels/${name}`]);

const [modules, declarations] = packageBuilds({
  entries: {
    index: "src/index.ts",
    react: "src/react.ts",
    vue: "src/vue.ts",
    ...Object.fromEntries(labels),
  },
  manifest,
});
const scriptTag = scriptTagBuild({ name: "gatestream-chat", manifest });
// A tag in the page is all that is needed: the script makes no global.
for (const output of [scriptTag.output].flat()) delete output?.name;

export default [
  { ...modules, plugins: [rawText, markedLexer, modules?.plugins] },
  { ...declarations, plugins: [rawText, declarations?.plugins] },
  { ...scriptTag, input: "src/script-tag.ts", plugins: [rawText, markedLexer, scriptTag.plugins] },
];
