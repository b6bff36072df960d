import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createWithhold } from "./withhold.ts";

const question = 'How do I reset "my" password,\nSchlüssel 漢字?';
const withhold = createWithhold({
  secrets: ["s3cr3t", "", "a-token-that-is-long-enough"],
  contents: ["You are a helpful assistant.", question, "short words"],
});

test.each([
  "configurationId is not known",
  "You are missing the following permission: ai:llm:use",
  'The model "small" is not {known}.',
  "missing.any.permissions",
  "",
])("what repeats nothing stays as it is: %j", (said) => {
  expect(withhold(said)).toBe(said);
});

test.each([
  ["a whole message", `Refused: ${question}`, "Refused: [withheld]"],
  [
    "an earlier message",
    "You are a helpful assistant. is not allowed",
    "[withheld] is not allowed",
  ],
  ["a part of twelve characters", 'at <o I reset "m>', "at <[withheld]>"],
  ["two parts", "'How do I reset' and ' password,\nSch'", "'[withheld]' and '[withheld]'"],
  ["a part twice", "How do I resetHow do I reset", "[withheld]"],
  ["a message in JSON", JSON.stringify({ x: question }), '{"x":"[withheld]"}'],
  [
    "a message in JSON of ASCII characters",
    String.raw`at Schl\u00fcssel \u6f22\u5b57?`,
    "at [withheld]",
  ],
  ["a short secret", "s3cr3t or xs3cr3tx", "[withheld] or x[withheld]x"],
  ["a part of a secret", "token a-token-that…", "token [withheld]…"],
  ["a header", "Authorization: bearer abc.def-ghi", "Authorization: bearer [withheld]"],
  ["a header in a URL", "?a=Basic%20YTpi", "?a=Basic [withheld]"],
  ["data that is quoted", `at "${"answer ".repeat(6)}"`, 'at "[withheld]"'],
  [
    "an object",
    `Not parsed: {"a":{"b":"${"answer ".repeat(6)}"}} here`,
    "Not parsed: [withheld] here",
  ],
  ["an object that is cut", `Not parsed: {"a": '${"answer ".repeat(6)}`, "Not parsed: [withheld]"],
])("%s is withheld", (_, said, kept) => {
  expect(withhold(said)).toBe(kept);
});

test("eleven characters are no repetition", () => {
  expect(withhold('at <o I reset ">')).toBe('at <o I reset ">');
  expect(withhold("short words")).toBe("short words");
});

test("what is kept is bounded", () => {
  expect(withhold("word ".repeat(10_000))).toHaveLength(1_000);
});

test("no twelve characters of any message are left, wherever they stand", () => {
  const words = fc.string({ unit: fc.constantFrom("a", "b", " ", "é"), maxLength: 40 });
  fc.assert(
    fc.property(words, words, words, fc.nat(30), (content, before, after, from) => {
      const said = createWithhold({ secrets: [], contents: [content] })(
        before + content.slice(from) + after,
      );
      for (let at = 0; at + 12 <= content.length; at += 1) {
        expect(said).not.toContain(content.slice(at, at + 12));
      }
    }),
  );
});

test("a refusal that was made to be slow to read is not: a mebibyte of question", () => {
  for (const piece of ["a", "ab ", "漢", "\\"]) {
    const content = piece.repeat(1024 * 1024).slice(0, 1024 * 1024);
    const started = performance.now();
    createWithhold({ secrets: ["token"], contents: [content] })(`\\ ${content}`);
    expect(performance.now() - started).toBeLessThan(2_000);
  }
});
