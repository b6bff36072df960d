import { nodeResolve } from "@rollup/plugin-node-resolve";
import { dts } from "rollup-plugin-dts";
import esbuild from "rollup-plugin-esbuild";
import { minify } from "terser";
import { licenceBanner, thirdPartyNotices } from "./third-party.mjs";

const sourceCondition = "gatestream-source";

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} license
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 */

/**
 * How every package is built: ES modules and one declaration file. What a package depends on stays an
 * import; everything else is inlined, the protocol above all.
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
      plugins: [sourcePlugins(target), thirdPartyNotices()],
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

/** @type {import("rollup").OutputPlugin} */
const minified = {
  name: "minified",
  async renderChunk(code) {
    const { code: smaller = code, map } = await minify(code, {
      compress: { ecma: 2020, passes: 3 },
      sourceMap: { asObject: true },
    });
    return { code: smaller, map: /** @type {import("rollup").SourceMapInput} */ (map) };
  },
};

/**
 * How a package is built for a script tag: everything in one file that makes one global, as it is
 * and minified.
 *
 * @param {object} options
 * @param {string} options.name The global, and the files' name.
 * @param {Manifest} options.manifest The package.json.
 * @returns {import("rollup").RollupOptions}
 */
export function scriptTagBuild({ name, manifest }) {
  const file = `dist/${name}.iife`;
  /** @type {import("rollup").OutputOptions} */
  const output = {
    format: "iife",
    name,
    sourcemap: true,
    banner: licenceBanner({ ...manifest, name }),
  };
  return {
    input: "src/index.ts",
    plugins: sourcePlugins(),
    output: [
      { ...output, file: `${file}.js` },
      { ...output, file: `${file}.min.js`, plugins: [minified] },
    ],
  };
}

/** Reads TypeScript, and workspace packages from their sources. */
export function sourcePlugins(target = "es2022") {
  return [nodeResolve({ exportConditions: [sourceCondition] }), esbuild({ target })];
}

/** @param {Manifest} manifest */
function externalTo({ dependencies, optionalDependencies }) {
  const names = Object.keys({ ...dependencies, ...optionalDependencies });
  /** @param {string} id */
  return (id) =>
    id.startsWith("node:") || names.some((name) => id === name || id.startsWith(`${name}/`));
}
