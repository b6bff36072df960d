import { sourcePlugins } from "../../scripts/rollup-package.mjs";
import manifest from "./package.json" with { type: "json" };

const peers = ["pipe", "tutorial", "hono", "better-sse", "ai-sdk", "portkey"];
const readers = [
  "bare-fetch",
  "gatestream",
  "fetch-event-source",
  "eventsource-client",
  "event-source",
  "ai-sdk",
];
const drawings = ["no-framework", "react-hook", "react-state", "vue-composable", "vue-ref"];
const packages = [...Object.keys(manifest.devDependencies), "esbuild"];

/** @type {import("rollup").RollupOptions} */
export default {
  input: {
    bench: "src/bench.ts",
    upstream: "src/upstream/program.ts",
    load: "src/load/program.ts",
    "client-in-node": "src/client/in-node.ts",
    ...Object.fromEntries(peers.map((name) => [`peer-${name}`, `src/peers/programs/${name}.ts`])),
    ...Object.fromEntries(
      readers.map((name) => [`reader-${name}`, `src/client/readers/${name}.ts`]),
    ),
    ...Object.fromEntries(
      drawings.map((name) => [`drawing-${name}`, `src/client/drawings/${name}.ts`]),
    ),
  },
  external: (id) =>
    id.startsWith("node:") || packages.some((name) => id === name || id.startsWith(`${name}/`)),
  plugins: sourcePlugins(),
  output: { dir: "dist", format: "es", chunkFileNames: "[name].js" },
};
