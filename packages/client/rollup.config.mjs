import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { packageBuilds, scriptTagBuild } from "../../scripts/rollup-package.mjs";
import { sseParser } from "../../scripts/sse-parser.mjs";
import manifest from "./package.json" with { type: "json" };

/**
 * Prints what a script tag needs in `integrity`, and what its file weighs on the way.
 *
 * @type {import("rollup").Plugin}
 */
const tellIntegrity = {
  name: "tell-integrity",
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== "chunk") continue;
      const hash = createHash("sha384").update(file.code).digest("base64");
      const gzipBytes = gzipSync(file.code, { level: 9 }).length;
      process.stdout.write(`${file.fileName}  sha384-${hash}  ${gzipBytes} bytes in gzip\n`);
    }
  },
};

const scriptTag = scriptTagBuild({ name: "gatestream", manifest });

const [modules, declarations] = packageBuilds({
  entries: {
    index: "src/index.ts",
    chat: "src/conversation/index.ts",
    websocket: "src/transport/websocket/index.ts",
    poll: "src/transport/poll/index.ts",
    testing: "src/transport/test/test-transport.ts",
  },
  manifest,
});

export default [
  { ...modules, plugins: [modules?.plugins, sseParser] },
  declarations,
  { ...scriptTag, plugins: [scriptTag.plugins, tellIntegrity] },
];
