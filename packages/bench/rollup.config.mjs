import { sourcePlugins } from "../../scripts/rollup-package.mjs";

export default {
  input: { decode: "src/decode.ts" },
  external: (id) => id.startsWith("node:") || id === "split2",
  plugins: sourcePlugins(),
  output: { dir: "dist", format: "es" },
};
