import { expect, test } from "vitest";
import { inTurns } from "./in-turns.ts";

test("contenders take turns, and the rounds that warm up come first", async () => {
  const visits: string[] = [];
  await inTurns(["a", "b"], { rounds: 2, warmUpRounds: 1 }, async (name, isCounted) => {
    visits.push(isCounted ? name : `(${name})`);
  });
  expect(visits).toEqual(["(a)", "(b)", "a", "b", "a", "b"]);
});
