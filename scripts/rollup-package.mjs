import { nodeResolve } from "@rollup/plugin-node-resolve";
import { dts } from "rollup-plugin-dts";
import esbuild from "rollup-plugin-esbuild";

const sourceCondition = "gatestream-source";

/** @typedef {{ name: string, dependencies?: Record<string, string> }} Manifest */

/**
 * How every package is built: ES modules and one declaration file. What a package lists under
 * `dependencies` stays an import; everything else is inlined, the protocol above all.
 *
 * @param {object} options
 * @param {Record<string, string>} options.entries Output name → source file.
 * @param {Manifest} options.manifest The package.json.
 * @param {"es2022"} [options.target]
 * @returns {import("rollup").RollupOptions[]}
 */
export function packageBuilds({ entries, manifest, target = "es2022" }) {
  const external = externalTo(manifest);
  return [
    {
      input: entries,
      external,
      plugins: sourcePlugins(target),
      output: { dir: "dist", format: "es", sourcemap: true, chunkFileNames: "[name].js" },
    },
    {
      input: { index: "src/index.ts" },
      external,
      plugins: [nodeResolve({ exportConditions: [sourceCondition] }), dts()],
      output: { dir: "dist", format: "es" },
    },
  ];
}

/** Reads TypeScript, and workspace packages from their sources. */
export function sourcePlugins(target = "es2022") {
  return [nodeResolve({ exportConditions: [sourceCondition] }), esbuild({ target })];
}

/** @param {Manifest} manifest */
function externalTo({ dependencies = {} }) {
  const names = Object.keys(dependencies);
  /** @param {string} id */
  return (id) =>
    id.startsWith("node:") || names.some((name) => id === name || id.startsWith(`${name}/`));
}
