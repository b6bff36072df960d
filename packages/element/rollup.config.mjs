import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { markedLexer } from "../../scripts/marked-lexer.mjs";
import { licenceBanner } from "../../scripts/third-party.mjs";
import { minified, packageBuilds, scriptTagBuild } from "../../scripts/rollup-package.mjs";
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

/** The words of each language. */
const labels = readdirSync(new URL("../ui/src/labels", import.meta.url))
  .filter((name) => /^[a-z]{2}\.ts$/.test(name))
  .map((name) => [`labels/${name.slice(0, 2)}`, `../ui/src/labels/${name}`]);

/** What lies beside the script, which loads it on demand: by its path there, and in the sources. */
const besideScript = {
  ...Object.fromEntries(labels),
  "modules/brand": "src/brand-style-sheet.ts",
  "modules/conversations": "src/conversation-list.ts",
  "modules/launcher": "src/launcher.ts",
  "modules/markdown": "src/markdown.ts",
  "modules/wire": "src/wire.ts",
};

/**
 * Where the kit shows Markdown, what loads it stands in its place.
 *
 * @type {import("rollup").Plugin}
 */
const markdownOnDemand = {
  name: "markdown-on-demand",
  resolveId: (id, importer = "") =>
    id.endsWith("/markdown-view.ts") && !importer.endsWith("/index.ts")
      ? fileURLToPath(new URL("src/markdown-on-demand.ts", import.meta.url))
      : undefined,
};

/**
 * A script cannot import what lies beside it by a relative address: that would be one of the page's.
 *
 * @type {import("rollup").Plugin}
 */
const importsBesideScript = {
  name: "imports-beside-script",
  async resolveDynamicImport(specifier, importer) {
    if (typeof specifier !== "string") return null;
    const { id } = (await this.resolve(specifier, importer)) ?? {};
    const found = Object.entries(besideScript).find(
      ([, file]) => fileURLToPath(new URL(file, import.meta.url)) === id,
    );
    if (found === undefined) throw new Error(`${specifier} has no place beside the script.`);
    return { id: `${found[0]}.js`, external: true };
  },
  renderDynamicImport: () => ({ left: "import(new URL(", right: ", scriptAddress).href)" }),
};

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
for (const output of [scriptTag.output].flat()) {
  if (output === undefined) continue;
  // A tag in the page is all that is needed: the script makes no global.
  delete output.name;
  // Known only while the script runs for the first time.
  output.intro = "const scriptAddress = document.currentScript?.src;";
}

/** Each has in it all that it needs: what the script has in it cannot be imported. */
const beside = Object.entries(besideScript)
  .filter(([name]) => name.startsWith("modules/"))
  .map(([name, input]) => ({
    input,
    plugins: [rawText, markedLexer, scriptTag.plugins],
    output: {
      file: `dist/${name}.js`,
      format: "es",
      banner: licenceBanner({ ...manifest, name: "gatestream-chat" }),
      plugins: [minified],
    },
  }));

export default [
  { ...modules, plugins: [markdownOnDemand, rawText, markedLexer, modules?.plugins] },
  { ...declarations, plugins: [rawText, declarations?.plugins] },
  {
    ...scriptTag,
    plugins: [importsBesideScript, markdownOnDemand, rawText, scriptTag.plugins],
  },
  ...beside,
];
