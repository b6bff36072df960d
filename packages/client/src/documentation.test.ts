import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// Not with `new URL`, which is the page's own in jsdom and happy-dom.
const packageFolder = join(fileURLToPath(import.meta.url), "../..");

/** Every example, as its file and its code without imports and white space. */
async function examples(): Promise<readonly (readonly [file: string, code: string])[]> {
  const sources = await readdir(join(packageFolder, "src"), { recursive: true });
  const files = [
    "README.md",
    ...sources.filter((name) => /(?<!\.test(?:-d)?)\.ts$/.test(name)).map((name) => `src/${name}`),
  ];
  const found = files.map(async (file) => {
    const text = await readFile(join(packageFolder, file), "utf8");
    return [...text.matchAll(/^( \* | {3}\* |)```ts\n(.*?)^\1```$/gms)].map(
      ([, margin = "", code = ""]) =>
        [file, bare(code.replaceAll(`\n${margin}`, "\n"), margin)] as const,
    );
  });
  return (await Promise.all(found)).flat();
}

function bare(code: string, margin = ""): string {
  return code
    .replace(margin, "")
    .replaceAll(/^import .*;$/gm, "")
    .replaceAll(/\s/g, "");
}

test("every example of the documentation is compiled", async () => {
  const compiled = bare(await readFile(join(packageFolder, "src/documentation.test-d.ts"), "utf8"));
  const all = await examples();
  // Callbacks, a loop, own events, reload, cancel, errors; and five in the code.
  expect(all.length).toBe(11);
  expect(all.filter(([, code]) => code === "" || !compiled.includes(code))).toEqual([]);
});
