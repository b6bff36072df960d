import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

function read(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), "utf8");
}

test("the page about writing an adapter shows the one that is tested", async () => {
  const page = await read("../../../docs/adapters/write-one.md");
  expect(page).toContain(await read("../recipes/ollama.ts"));
});
