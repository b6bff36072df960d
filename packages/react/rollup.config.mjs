import { packageBuilds } from "../../scripts/rollup-package.mjs";
import manifest from "./package.json" with { type: "json" };

export default packageBuilds({
  entries: { index: "src/index.ts", ui: "src/ui/index.ts" },
  manifest,
  // Server components may import the hooks' module, and call them in client components only.
  banner: '"use client";',
});
