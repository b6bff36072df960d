import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { bareCode, documentedExamples } from "../../client/src/testing/documented-examples.ts";

const packageFolder = join(fileURLToPath(import.meta.url), "../..");

test("every example of the documentation is compiled", async () => {
  const file = join(packageFolder, "src/documentation.test-d.ts");
  const compiled = bareCode(await readFile(file, "utf8"));
  const examples = await documentedExamples(packageFolder);
  // A chat, the components, a getter and one answer; and two in the code.
  expect(examples.length).toBe(6);
  expect(examples.filter(({ code }) => code === "" || !compiled.includes(code))).toEqual([]);
});
