import { packageBuilds } from "../../scripts/rollup-package.mjs";
import manifest from "./package.json" with { type: "json" };

export default packageBuilds({ entries: { cli: "src/main.ts", index: "src/index.ts" }, manifest });
