import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What the script of a page is there for. */
export type PageFunction = "readAnswer" | "drawAnswer";

/** A function of a built module with all that it needs, as a bundler makes it for a page: a global. */
export async function bundleOf(module: URL, name: PageFunction): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${name} } from ${JSON.stringify(fileURLToPath(module))};
        globalThis.${name} = ${name};`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    minify: true,
    // Frameworks are slow where they help to find mistakes.
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

export function gzipBytes(text: string): number {
  return gzipSync(text, { level: 9 }).length;
}
