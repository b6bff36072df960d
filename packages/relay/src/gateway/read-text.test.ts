import { expect, test } from "vitest";
import { isObject, parseObject, readText } from "./read-text.ts";
import { pieces } from "./testing/pieces.ts";

test("the pieces of a body are one text, whatever characters they cut", async () => {
  const bytes = Buffer.from("é€👍");
  async function* body() {
    for (const byte of bytes) yield [Uint8Array.of(byte)];
  }
  await expect(readText(body())).resolves.toBe("é€👍");
  await expect(readText(pieces(["a", "b"], "c"))).resolves.toBe("abc");
  await expect(readText(pieces())).resolves.toBe("");
});

test("no more than the bound is kept, and a body beyond it is left", async () => {
  let isLeft = false;
  async function* endless() {
    try {
      for (;;) yield* pieces("1234");
    } finally {
      isLeft = true;
    }
  }
  await expect(readText(endless(), 10)).resolves.toBe("1234123412");
  expect(isLeft).toBe(true);
  await expect(readText(pieces("1234512345"), 10)).resolves.toBe("1234512345");
});

test("only an object is an object", () => {
  expect(parseObject('{"a":1}')).toEqual({ a: 1 });
  for (const text of ["", "[]", "null", "1", '"a"', "{", "<p>"]) {
    expect(parseObject(text)).toBeUndefined();
  }
  expect(isObject(Object.create(null))).toBe(true);
  expect([null, undefined, [], "a", 1].some(isObject)).toBe(false);
});
