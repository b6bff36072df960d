import { expect, test } from "vitest";
import { brokenRule, environmentName, type Setting } from "./setting.ts";
import { settingNames, settingTable } from "./setting-table.ts";

const number: Setting = { default: 5, min: 1, max: 10, unit: "ms" };
const text: Setting = { default: "", pattern: /^[a-z0-9]*$/, must: "be small letters" };
const list: Setting = { default: [], pattern: /^[a-z0-9]+$/, must: "be small words" };
const onOff: Setting = { default: true };

test.each<[Setting, unknown]>([
  [number, 1],
  [number, 10],
  [text, ""],
  [text, "abc"],
  [list, []],
  [list, ["abc", "d"]],
  [onOff, false],
])("a value that fits its row is taken: %#", (row, value) => {
  expect(brokenRule(row, value)).toBeUndefined();
});

const wholeNumber = "be a whole number of ms from 1 to 10";

test.each<[Setting, unknown, string]>([
  [number, 0, wholeNumber],
  [number, 11, wholeNumber],
  [number, 1.5, wholeNumber],
  [number, "5", wholeNumber],
  [number, null, wholeNumber],
  [text, "ABC", "be small letters"],
  [text, 5, "be small letters"],
  [list, "abc", "be small words"],
  [list, ["abc", "D"], "be small words"],
  [list, ["abc", ""], "be small words"],
  [list, [5], "be small words"],
  [onOff, "true", "be true or false"],
  [onOff, 1, "be true or false"],
])("a value that does not fit is reported with its rule: %#", (row, value, must) => {
  expect(brokenRule(row, value)).toBe(must);
});

const all = settingNames.map((name) => ({ name, setting: settingTable[name] as Setting }));

test("a setting heartbeatMs is GATESTREAM_HEARTBEAT_MS; port and host have the usual variables", () => {
  expect(environmentName("heartbeatMs")).toBe("GATESTREAM_HEARTBEAT_MS");
  expect(environmentName("port")).toBe("PORT");
  expect(environmentName("host")).toBe("HOST");
});

test("no two settings share a variable", () => {
  expect(new Set(settingNames.map(environmentName)).size).toBe(settingNames.length);
});

test.each(all)("$name has a default that it takes itself", ({ setting }) => {
  expect(brokenRule(setting, setting.default)).toBeUndefined();
});

test.each(all)("$name carries its unit in its name and in the table", ({ name, setting }) => {
  const unit = "unit" in setting ? setting.unit : undefined;
  expect(unit).toBe(/(?:Ms|Bytes)$/.exec(name)?.[0].toLowerCase());
});

test("no time is longer than a Node timer can hold", () => {
  for (const { name, setting } of all) {
    if ("unit" in setting && setting.unit === "ms") {
      expect([name, setting.max]).toEqual([name, 2 ** 31 - 1]);
    }
  }
});
