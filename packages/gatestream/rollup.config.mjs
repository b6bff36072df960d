import { packageBuilds } from "../../scripts/rollup-package.mjs";
import manifest from "./package.json" with { type: "json" };

// A program has no declarations.
export default packageBuilds({ entries: { cli: "src/main.ts" }, manifest }).slice(0, 1);
