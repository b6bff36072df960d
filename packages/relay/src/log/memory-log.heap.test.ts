import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const maxTotalLogBytes = 33_554_432;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "memory-log-"));
  await build({
    entryPoints: [fileURLToPath(new URL("testing/fill-memory-log.ts", import.meta.url))],
    outfile: join(folder, "fill.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["gatestream-source"],
  });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test.each([
  "streams without an answer",
  "streams, each of a conversation",
  "tokens one by one",
  "tokens by eight",
  "long texts",
  "text that is not Latin",
  "events of the gateway",
])("maxTotalLogBytes is what the heap holds of %s", async (shape) => {
  const program = ["--expose-gc", join(folder, "fill.mjs"), shape, String(maxTotalLogBytes)];
  const { stdout } = await promisify(execFile)(process.execPath, program);
  const { heapBytes } = JSON.parse(stdout) as { readonly heapBytes: number };
  const ratio = heapBytes / maxTotalLogBytes;
  expect(ratio).toBeLessThanOrEqual(1.3);
  expect(ratio).toBeGreaterThan(0.5);
});
