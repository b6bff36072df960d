import { sourcePlugins } from "../../scripts/rollup-package.mjs";

/** @type {import("rollup").RollupOptions} */
export default {
  input: { decode: "src/decode.ts" },
  external: [/^node:/, "split2"],
  plugins: sourcePlugins(),
  output: { dir: "dist", format: "es" },
};
