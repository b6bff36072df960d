import { allReaders, readerUrl } from "../client/all-readers.ts";
import { bundleOf, gzipBytes } from "../client/bundle.ts";
import type { Scenario } from "../scenario.ts";

/** What a page has to load before it can read. */
export const clientSize: Scenario = {
  name: "client-size",
  title: "What clients weigh",
  explanation:
    "A page's script that asks for an answer and reads it to the end, bundled and minified by esbuild.",
  measures: [
    { name: "minified", unit: "KiB", decimals: 1 },
    { name: "in gzip", unit: "KiB", decimals: 1 },
  ],
  async run(_, book) {
    for (const reader of allReaders) {
      const script = await bundleOf(readerUrl(reader), "readAnswer");
      book.note(reader.name, {
        minified: Buffer.byteLength(script) / 2 ** 10,
        "in gzip": gzipBytes(script) / 2 ** 10,
      });
    }
  },
};
