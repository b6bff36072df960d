import { expect, test } from "vitest";
import { whatItMust } from "./setting-rows.ts";
import {
  environmentName,
  flagName,
  settingGroups,
  settingNames,
  settingTable,
} from "./setting-table.ts";

const rows = settingNames.map((name) => ({ name, row: settingTable[name] }));

test("the names that were there before keep their environment variables", () => {
  expect(environmentName("port")).toBe("PORT");
  expect(environmentName("host")).toBe("HOST");
});

test("a setting heartbeatMs is GATESTREAM_HEARTBEAT_MS and --heartbeat-ms", () => {
  expect(environmentName("heartbeatMs")).toBe("GATESTREAM_HEARTBEAT_MS");
  expect(flagName("heartbeatMs")).toBe("--heartbeat-ms");
});

test.each(rows)("$name has an environment variable and a flag of the same words", ({ name }) => {
  // What is secret has no flag, but a variable like everything else.
  const words = flagName(name)?.replace(/^--/, "") ?? "jwt-secret";
  expect(words.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())).toBe(name);
  expect(environmentName(name).replace(/^GATESTREAM_/, "")).toBe(
    words.replaceAll("-", "_").toUpperCase(),
  );
});

test("no two settings share a variable or a flag", () => {
  expect(new Set(settingNames.map(environmentName)).size).toBe(settingNames.length);
  const flags = settingNames.map(flagName).filter((flag) => flag !== undefined);
  expect(new Set(flags).size).toBe(flags.length);
});

test.each(rows)("$name has a default that it takes itself, and a meaning", ({ row }) => {
  expect(whatItMust(row, row.default)).toBeUndefined();
  expect(row.meaning).toMatch(/^\S.*[^.]$/);
});

test("every setting is in one group", () => {
  expect(settingGroups.flatMap(([, names]) => names).toSorted()).toEqual(settingNames.toSorted());
});

test("a secret has no flag: command lines are seen by others", () => {
  expect(settingNames.filter((name) => flagName(name) === undefined)).toEqual(["jwtSecret"]);
});

test.each(rows)("$name carries its unit in its name and in its row", ({ name, row }) => {
  const unit = "unit" in row ? row.unit : undefined;
  expect(unit).toBe(/(?:Ms|Bytes)$/.exec(name)?.[0].toLowerCase());
});

test("no time is longer than a Node timer can hold", () => {
  for (const { name, row } of rows) {
    if ("unit" in row && row.unit === "ms") expect([name, row.max]).toEqual([name, 2 ** 31 - 1]);
  }
});
