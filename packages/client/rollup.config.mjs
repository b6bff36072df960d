import { packageBuilds, sourcePlugins } from "../../scripts/rollup-package.mjs";
import manifest from "./package.json" with { type: "json" };

export default [
  ...packageBuilds({ entries: { index: "src/index.ts" }, manifest }),
  {
    input: "src/index.ts",
    plugins: sourcePlugins(),
    output: { file: "dist/gatestream.iife.js", format: "iife", name: "gatestream", sourcemap: true },
  },
];
