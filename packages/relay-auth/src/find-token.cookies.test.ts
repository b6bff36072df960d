import { expect, test } from "vitest";
import { cookieValues } from "./find-token.ts";

test.each<[string, string[]]>([
  ["token=abc", ["abc"]],
  ["theme=dark; token=abc; lang=de", ["abc"]],
  ["theme=dark;token=abc", ["abc"]],
  ["token = abc ;", ["abc"]],
  ['token="abc"', ["abc"]],
  ['token="', ['"']],
  ["token=a=b==", ["a=b=="]],
  ["token=", [""]],
  ["token=abc; token=def", ["abc", "def"]],
  ["token=abc; token=abc", ["abc", "abc"]],
  ["", []],
  ["token", []],
  ["Token=abc", []],
  ["mytoken=abc; token2=def", []],
  ["theme=token=abc", []],
])("%j holds %j", (header, values) => {
  expect(cookieValues(header, "token")).toEqual(values);
});

test.each(["\u00A0", "\u0085", "\v", "\f", "\u2000", "\uFEFF"])(
  "a cookie whose name differs by %j is another cookie",
  (blank) => {
    expect(cookieValues(`${blank}token=abc; token${blank}=def`, "token")).toEqual([]);
  },
);

test("blanks without end take no time", () => {
  const startedAt = performance.now();
  expect(cookieValues(`token=a${" ".repeat(200_000)}b`, "token")).toHaveLength(1);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
