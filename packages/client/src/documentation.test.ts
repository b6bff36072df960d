import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { bareCode, documentedExamples } from "./testing/documented-examples.ts";

// Not with `new URL`, which is the page's own in jsdom and happy-dom.
const packageFolder = join(fileURLToPath(import.meta.url), "../..");

test("every example of the documentation is compiled", async () => {
  const compiled = bareCode(
    await readFile(join(packageFolder, "src/documentation.test-d.ts"), "utf8"),
  );
  const examples = await documentedExamples(packageFolder);
  // Callbacks, a loop, parts, own events, reload, cancel, errors, a chat, images, tools, several pages, a socket, polls; and eight in the code.
  expect(examples.length).toBe(26);
  expect(examples.filter(({ code }) => code === "" || !compiled.includes(code))).toEqual([]);
});
