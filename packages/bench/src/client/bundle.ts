import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { readerUrl, type ClientReader } from "./all-readers.ts";

/** A reader with all that it needs, as a bundler makes it for a page. */
export async function bundleOf(reader: ClientReader): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { readAnswer } from ${JSON.stringify(fileURLToPath(readerUrl(reader)))};
        globalThis.readAnswer = readAnswer;`,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    minify: true,
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
