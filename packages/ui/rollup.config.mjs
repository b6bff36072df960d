import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { markedLexer } from "../../scripts/marked-lexer.mjs";
import { packageBuilds } from "../../scripts/rollup-package.mjs";
import manifest from "./package.json" with { type: "json" };

/** In the order in which they count. */
const styles = ["theme", "chat", "messages", "markdown", "composer", "inspector", "media"];

/**
 * Writes the style sheet of each folder into one.
 *
 * @type {import("rollup").Plugin}
 */
const styleSheet = {
  name: "style-sheet",
  async generateBundle() {
    const texts = styles.map((name) =>
      readFile(new URL(`src/styles/${name}.css`, import.meta.url)),
    );
    const source = (await Promise.all(texts)).join("\n");
    this.emitFile({ type: "asset", fileName: "ui.css", source });
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

export default [{ ...modules, plugins: [markedLexer, modules?.plugins, styleSheet] }, declarations];
