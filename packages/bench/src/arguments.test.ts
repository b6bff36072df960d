import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";

test("without arguments everything is measured in full", () => {
  expect(readArguments([])).toEqual({
    only: [],
    peers: [],
    rounds: undefined,
    isQuick: false,
    output: undefined,
    compare: undefined,
  });
});

test("lists are separated by commas, also behind pnpm's own separator", () => {
  const read = readArguments(["--", "--only", "paced, memory", "--peers=pipe,", "--quick"]);
  expect(read).toMatchObject({ only: ["paced", "memory"], peers: ["pipe"], isQuick: true });
});

test.each(["0", "1.5", "many", "-1"])("%s rounds are refused", (rounds) => {
  expect(() => readArguments([`--rounds=${rounds}`])).toThrow("must be a whole number");
});

test("an option that is not known is refused", () => {
  expect(() => readArguments(["--round", "3"])).toThrow("--round");
});
