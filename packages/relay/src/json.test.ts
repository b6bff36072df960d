import { expect, test } from "vitest";
import { isObject, parseLine, parseObject } from "./json.ts";

test.each([
  ['{"a":1}', [{ a: 1 }]],
  ['  {"a":1}\r', [{ a: 1 }]],
  ["[1,2]", [[1, 2]]],
  ['"text"', ["text"]],
  ["null", [null]],
  ["7", [7]],
])("a line that is one value holds that value: %s", (line, values) => {
  expect(parseLine(line)).toEqual({ values, isMalformed: false });
});

test.each([
  ['{"a":1}{"b":2}', [{ a: 1 }, { b: 2 }]],
  ['{"a":1} {"b":2}\t{"c":3}\r', [{ a: 1 }, { b: 2 }, { c: 3 }]],
  ['{"a":{"b":{}}}{"c":[{},{}]}', [{ a: { b: {} } }, { c: [{}, {}] }]],
])("several objects on a line are separated: %s", (line, values) => {
  expect(parseLine(line)).toEqual({ values, isMalformed: false });
});

test("braces, quotes, backslashes and escaped newlines inside strings are text", () => {
  const contents = ["}{", '"}', "\\", '\\"', '{"a":"}"}', "line\nbreak\r\n", "\u2028", "\\\\}"];
  // As values alone: the JSON.parse of Node 26.10 takes an escaped key for another one.
  const objects = contents.map((content, index) => ({ content, index }));
  for (const glue of ["", " "]) {
    const line = objects.map((object) => JSON.stringify(object)).join(glue);
    expect(parseLine(line)).toEqual({ values: objects, isMalformed: false });
  }
});

test.each([
  ["no JSON at all", "hello", []],
  ["an object that is cut off", '{"a":1', []],
  ["an object cut off inside a string", '{"a":"b', []],
  ["an object cut off behind a backslash", '{"a":"b\\', []],
  ["whole objects before one that is cut off", '{"a":1}{"b":', [{ a: 1 }]],
  ["words before an object", 'data: {"a":1}', [{ a: 1 }]],
  ["words between objects", '{"a":1},{"b":2}', [{ a: 1 }, { b: 2 }]],
  ["a closing brace too many", '{"a":1}}{"b":2}', [{ a: 1 }, { b: 2 }]],
  ["balanced braces that are not JSON", '{"a":1}{b}{"c":3}', [{ a: 1 }, { c: 3 }]],
  ["values other than objects beside each other", "1 2", []],
])("what can be read of a malformed line is kept: %s", (_, line, values) => {
  expect(parseLine(line)).toEqual({ values, isMalformed: true });
});

test("an empty line holds nothing and is not malformed", () => {
  for (const line of ["", " ", "\r", "\t \r"]) {
    expect(parseLine(line)).toEqual({ values: [], isMalformed: false });
  }
});

test("every cut through two objects keeps what was whole and says that the rest was not", () => {
  const first = '{"content":"a } \\" {"}';
  const line = `${first}{"content":"é"}`;
  for (let at = 1; at < line.length; at += 1) {
    const { values, isMalformed } = parseLine(line.slice(0, at));
    expect(values).toHaveLength(at < first.length ? 0 : 1);
    expect(isMalformed).toBe(at !== first.length);
  }
});

test("fifty thousand objects on one line are separated in one pass", () => {
  const { values, isMalformed } = parseLine('{"content":"token "}'.repeat(50_000));
  expect(values).toHaveLength(50_000);
  expect(isMalformed).toBe(false);
});

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

test("a value of 64 levels is read; a deeper one is malformed, its neighbours are kept", () => {
  expect(parseLine(nested(64)).isMalformed).toBe(false);
  for (const tooDeep of [
    nested(65),
    nested(100_000),
    `{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
  ]) {
    expect(parseObject(tooDeep)).toBeUndefined();
    expect(parseLine(tooDeep)).toEqual({ values: [], isMalformed: true });
    expect(parseLine(`{"b":1}${tooDeep}{"c":2}`)).toEqual({
      values: [{ b: 1 }, { c: 2 }],
      isMalformed: true,
    });
  }
});

test("only an object is an object", () => {
  expect(parseObject('{"a":1}')).toEqual({ a: 1 });
  for (const text of ["", "[]", "null", "1", '"a"', "{", "<p>"]) {
    expect(parseObject(text)).toBeUndefined();
  }
  expect(isObject(Object.create(null))).toBe(true);
  expect([null, undefined, [], "a", 1].some(isObject)).toBe(false);
});
