import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { markedLexer } from "../../scripts/marked-lexer.mjs";
import { packageBuilds } from "../../scripts/rollup-package.mjs";
import manifest from "./package.json" with { type: "json" };

/** In the order in which they count. */
const styles = ["theme", "chat", "messages", "markdown", "parts", "composer", "media"];

/**
 * Writes the style sheets into `ui.css`. `<gatestream-chat>` loads that of the inspector on demand, so
 * it also stands alone, beside all others.
 *
 * @type {import("rollup").Plugin}
 */
const styleSheets = {
  name: "style-sheets",
  async generateBundle() {
    const read = (/** @type {string} */ name) =>
      readFile(new URL(`src/styles/${name}.css`, import.meta.url), "utf8");
    const chat = (await Promise.all(styles.map(read))).join("\n");
    const inspector = await read("inspector");
    const sources = {
      ui: `${chat}\n${inspector}`,
      "styles/chat": chat,
      "styles/inspector": inspector,
    };
    for (const [name, source] of Object.entries(sources)) {
      this.emitFile({ type: "asset", fileName: `${name}.css`, source });
    }
  },
};

/** A module for each language: what is not English is loaded when it is asked for. */
const labels = readdirSync(new URL("src/labels", import.meta.url))
  .filter((name) => /^[a-z]{2}\.ts$/.test(name))
  .map((name) => [`labels/${name.slice(0, 2)}`, `src/labels/${name}`]);

const [modules, declarations] = packageBuilds({
  entries: { index: "src/index.ts", ...Object.fromEntries(labels) },
  manifest,
});

export default [
  { ...modules, plugins: [markedLexer, modules?.plugins, styleSheets] },
  declarations,
];
