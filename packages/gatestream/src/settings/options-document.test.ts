import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { environmentName } from "@gatestream/relay/command";
import { commandSettingTable, flagName, type CommandSettingName } from "./command-settings.ts";
import { settingGroups } from "./setting-texts.ts";

const text = await readFile(new URL("../../../../docs/options.md", import.meta.url), "utf8");

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

function expectedRow([name, words]: readonly [CommandSettingName, string]): readonly string[] {
  const row = commandSettingTable[name];
  const usual = Array.isArray(row.default) || row.default === "" ? "none" : String(row.default);
  const unit = "unit" in row && row.unit !== undefined ? ` ${row.unit}` : "";
  const meaning = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
  return [name, environmentName(name), flagName(name) ?? "none", usual + unit, meaning];
}

test.each(settingGroups)(
  "docs/options.md lists the settings of %j as the table has them",
  (title, settings) => {
    expect(rowsUnder(title)).toEqual(settings.map(expectedRow));
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
