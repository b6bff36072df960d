import { expect, test } from "vitest";
import { environmentName, flagName, settingNames, settingTable } from "./settings.ts";

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
  const words = flagName(name).replace(/^--/, "");
  expect(words.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())).toBe(name);
  expect(environmentName(name).replace(/^GATESTREAM_/, "")).toBe(
    words.replaceAll("-", "_").toUpperCase(),
  );
});

test("no two settings share a variable or a flag", () => {
  expect(new Set(settingNames.map(environmentName)).size).toBe(settingNames.length);
  expect(new Set(settingNames.map(flagName)).size).toBe(settingNames.length);
});

test.each(rows)("$name has a default that it takes itself, and a meaning", ({ row }) => {
  if ("pattern" in row) expect(row.default).toMatch(row.pattern);
  else {
    expect(row.default).toBeGreaterThanOrEqual(row.min);
    expect(row.default).toBeLessThanOrEqual(row.max);
  }
  expect(row.meaning).toMatch(/^\S.*[^.]$/);
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
