import { packageBuilds } from "../../scripts/rollup-package.mjs";
import manifest from "./package.json" with { type: "json" };

export default packageBuilds({ entries: { index: "src/index.ts" }, manifest });
