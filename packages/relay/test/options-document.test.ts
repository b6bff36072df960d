import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import {
  environmentName,
  flagName,
  settingGroups,
  settingTable,
  type SettingName,
} from "../src/settings/setting-table.ts";

const text = await readFile(new URL("../../../docs/options.md", import.meta.url), "utf8");

/** The cells of the rows below a heading, without code marks. */
function rowsUnder(title: string): readonly (readonly string[])[] {
  const [, section = ""] = text.split(`\n## ${title}\n`);
  const [own = ""] = section.split("\n## ");
  return own
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

function expectedRow(name: SettingName): readonly string[] {
  const row = settingTable[name];
  const usual = Array.isArray(row.default) || row.default === "" ? "none" : String(row.default);
  const unit = "unit" in row && row.unit !== undefined ? ` ${row.unit}` : "";
  const meaning = `${row.meaning.charAt(0).toUpperCase()}${row.meaning.slice(1)}.`;
  return [name, environmentName(name), flagName(name) ?? "none", usual + unit, meaning];
}

test.each(settingGroups)(
  "docs/options.md lists the settings of %j as the table has them",
  (title, names) => {
    expect(rowsUnder(title)).toEqual(names.map(expectedRow));
  },
);

test("docs/options.md has no other group of settings", () => {
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([
    ...settingGroups.map(([title]) => title),
    "The upstream",
    "In code only",
  ]);
});
