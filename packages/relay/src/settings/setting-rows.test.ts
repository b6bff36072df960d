import { expect, test } from "vitest";
import { settingFromText, whatItMust, type SettingRow } from "./setting-rows.ts";

const meaning = "of a test";
const number: SettingRow = { default: 5, min: 1, max: 10, unit: "ms", meaning };
const text: SettingRow = { default: "", pattern: /^[a-z0-9]*$/, must: "be small letters", meaning };
const list: SettingRow = { default: [], pattern: /^[a-z0-9]+$/, must: "be small words", meaning };
const onOff: SettingRow = { default: true, meaning };

test.each([
  ["15", 15],
  [" 15 ", 15],
  ["-1", -1],
  ["1.5", 1.5],
  ["15s", "15s"],
  ["1e3", "1e3"],
  ["0x10", "0x10"],
  ["1.2.3", "1.2.3"],
  [".", "."],
  ["-", "-"],
])("the text %j of a number is %j: what is none stays text", (given, value) => {
  expect(settingFromText(number, given)).toBe(value);
});

test("the text of a text stays as it is", () => {
  expect(settingFromText(text, "127")).toBe("127");
});

test("the text of a list is parted by commas", () => {
  expect(settingFromText(list, "one, two ,three")).toEqual(["one", "two", "three"]);
  expect(settingFromText(list, "one")).toEqual(["one"]);
});

test.each([
  ["true", true],
  ["false", false],
  ["1", "1"],
  ["TRUE", "TRUE"],
])("the text %j of a switch is %j: what is neither stays text", (given, value) => {
  expect(settingFromText(onOff, given)).toBe(value);
});

test.each<[SettingRow, unknown]>([
  [number, 1],
  [number, 10],
  [text, ""],
  [text, "abc"],
  [list, []],
  [list, ["abc", "d"]],
  [onOff, false],
])("a value that fits its row is taken: %#", (row, value) => {
  expect(whatItMust(row, value)).toBeUndefined();
});

const wholeNumber = "be a whole number of ms from 1 to 10";

test.each<[SettingRow, unknown, string]>([
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
  expect(whatItMust(row, value)).toBe(must);
});
