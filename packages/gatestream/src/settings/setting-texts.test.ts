import { expect, test } from "vitest";
import { environmentName } from "@gatestream/relay/command";
import { commandSettingNames, commandSettingTable, flagName } from "./command-settings.ts";
import { settingGroups } from "./setting-texts.ts";

test.each(commandSettingNames)(
  "%s has an environment variable and a flag of the same words",
  (name) => {
    // What is secret has no flag, but a variable like everything else.
    const words = flagName(name)?.replace(/^--/, "") ?? "jwt-secret";
    expect(words.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())).toBe(name);
    expect(environmentName(name).replace(/^GATESTREAM_/, "")).toBe(
      words.replaceAll("-", "_").toUpperCase(),
    );
  },
);

test("every setting is in one group, with a meaning", () => {
  const texts = settingGroups.flatMap(([, settings]) => settings);
  expect(texts.map(([name]) => name).toSorted()).toEqual(
    Object.keys(commandSettingTable).toSorted(),
  );
  for (const [, meaning] of texts) expect(meaning).toMatch(/^\S.*[^.]$/);
});

test("a secret has no flag: command lines are seen by others", () => {
  expect(commandSettingNames.filter((name) => flagName(name) === undefined)).toEqual(["jwtSecret"]);
});
