import { nodeResolve } from "@rollup/plugin-node-resolve";
import { dts } from "rollup-plugin-dts";
import esbuild from "rollup-plugin-esbuild";
import { minify } from "terser";
import { sseParser } from "./sse-parser.mjs";
import { licenceBanner, thirdPartyNotices } from "./third-party.mjs";

const sourceCondition = "gatestream-source";

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} license
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string | { types?: string; "gatestream-source"?: string }>} exports
 */

/**
 * How every package is built: ES modules, and declarations of those that it exports. What a package
 * depends on stays an import; everything else is inlined, the protocol above all.
 *
 * @param {object} options
 * @param {Record<string, string>} options.entries Output name → source file.
 * @param {Manifest} options.manifest The package.json.
 * @param {"es2022"} [options.target]
 * @param {string} [options.banner] The first line of every module: a directive, which rollup drops.
 * @returns {import("rollup").RollupOptions[]}
 */
export function packageBuilds({ entries, manifest, target = "es2022", banner = "" }) {
  const external = externalTo(manifest);
  return [
    {
      input: entries,
      external,
      plugins: [sourcePlugins(target), thirdPartyNotices()],
      output: {
        dir: "dist",
        format: "es",
        sourcemap: true,
        chunkFileNames: "[name].js",
        // An import for nothing but its side effects, of which there are none: bundlers warn of it.
        hoistTransitiveImports: false,
        banner,
      },
    },
    {
      input: typedEntries(entries, manifest),
      external,
      plugins: [nodeResolve({ exportConditions: [sourceCondition] }), dts(), libReference],
      output: { dir: "dist", format: "es", chunkFileNames: "[name].d.ts" },
    },
  ];
}

/**
 * Declarations lose what their sources say about the library that they need.
 *
 * @type {import("rollup").Plugin}
 */
const libReference = {
  name: "lib-reference",
  renderChunk: (code) =>
    code.includes("AsyncDisposable") ? `/// <reference lib="esnext.disposable" />\n${code}` : null,
};

/** @type {import("rollup").OutputPlugin} */
export const minified = {
  name: "minified",
  async renderChunk(code, _chunk, { format }) {
    const { code: smaller = code, map } = await minify(code, {
      // Functions stay in one place each: moved to where they are called, they are packed less well.
      compress: { ecma: 2020, passes: 3, reduce_funcs: false, hoist_funs: true },
      // What a module has at its top is its own: it gets short names too.
      module: format === "es",
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
    plugins: [sourcePlugins(), sseParser],
    output: [
      { ...output, file: `${file}.js` },
      { ...output, file: `${file}.min.js`, plugins: [minified] },
    ],
  };
}

/** Reads TypeScript, and workspace packages from their sources. */
export function sourcePlugins(target = "es2022") {
  return [
    nodeResolve({ exportConditions: [sourceCondition] }),
    esbuild({ target, loaders: { ".json": "json" } }),
  ];
}

/**
 * The entries that the manifest promises declarations of: a program has none.
 *
 * @param {Record<string, string>} entries
 * @param {Manifest} manifest
 */
function typedEntries(entries, { exports }) {
  const promised = Object.values(exports).flatMap((entry) =>
    typeof entry === "object" && entry.types ? [entry.types.split("*")] : [],
  );
  const typed = Object.entries(entries).filter(([name]) => {
    const path = `./dist/${name}.d.ts`;
    return promised.some(([start = "", end]) =>
      end === undefined ? path === start : path.startsWith(start) && path.endsWith(end),
    );
  });
  return Object.fromEntries(typed);
}

/** What the relay checks before it may load a package, which is optional. */
const inlined = /^@gatestream\/relay-\w+\/settings$/;

/** @param {Manifest} manifest */
function externalTo({ dependencies, optionalDependencies, peerDependencies }) {
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  /** @param {string} id */
  return (id) =>
    id.startsWith("node:") ||
    (!inlined.test(id) && names.some((name) => id === name || id.startsWith(`${name}/`)));
}
