import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const text = readFileSync(`${root}ARCHITECTURE.md`, "utf8");

/** Files and folders between backticks: what has an ending, or ends with a slash. */
const paths = [...text.matchAll(/`([\w@.-]+(?:\/[\w@.-]+)*(?:\/|\.(?:ts|tsx|md|mjs|json)))`/g)].map(
  ([, path = ""]) => path,
);

test("there are paths in it", () => {
  expect(paths.length).toBeGreaterThan(30);
});

test.each([...new Set(paths)])("%s, which ARCHITECTURE.md names, exists", (path) => {
  const folders = ["", "packages/relay/src/", "packages/client/src/"];
  expect(folders.map((folder) => root + folder + path).some(existsSync)).toBe(true);
});
