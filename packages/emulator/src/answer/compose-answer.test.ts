import { expect, test } from "vitest";

import { composeAnswer } from "./compose-answer.ts";
import { createRandom } from "./random.ts";
import { tokenize } from "./tokenize.ts";

const questions = [
  "",
  "Hello",
  "Opening hours?",
  "How do I reset my password?",
  "My order 4711 has not arrived yet, where is it and what will you do about it now?",
  "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e.f.g.h.i.j.k.l.m.n",
  "東京の天気はどうですか",
  "😀".repeat(80),
  "!?",
  "Antidisestablishmentarianism ".repeat(40),
];
const loneSurrogate = /\p{Surrogate}/u;
const seeds = Array.from({ length: 40 }, (_, seed) => seed);
const answers = questions.flatMap((question) =>
  seeds.flatMap((seed) =>
    [0, 1].map((earlierAnswers) => composeAnswer({ question, earlierAnswers }, seed)),
  ),
);

test("an answer has 120 to 260 tokens, whatever the question", () => {
  const counts = answers.map(({ tokens }) => tokens.length);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(120);
  expect(Math.max(...counts)).toBeLessThanOrEqual(260);
});

test("an answer has a heading, a list, and characters of two, three and four bytes", () => {
  for (const { tokens } of answers) {
    const text = tokens.join("");
    expect(text).toMatch(/^## \S/);
    expect(text).toMatch(/^(?:- |1\. )/m);
    expect(text).toMatch(/[\u0080-\u07ff]/);
    expect(text).toMatch(/[\u2000-\u27ff]/);
    expect(text).toMatch(/[\u{10000}-\u{10ffff}]/u);
    expect(text).not.toMatch(loneSurrogate);
  }
});

test("an answer ends by saying who speaks", () => {
  for (const { tokens } of answers) {
    expect(tokens.join("")).toMatch(/gatestream emulator speaking; no model was asked\._$/);
  }
});

test("some answers have a code block, and the words differ from seed to seed", () => {
  const texts = answers.map(({ tokens }) => tokens.join(""));
  const codeCount = texts.filter((text) => text.includes("```json")).length;
  expect(codeCount).toBeGreaterThan(0);
  expect(codeCount).toBeLessThan(texts.length / 2);
  expect(new Set(texts).size).toBeGreaterThan(texts.length / 2);
});

test("tokens are the text again, with the space before the word", () => {
  const text = "## Hi\n\n- a naïve  test—don’t   worry 🙂.\n";
  const tokens = tokenize(text, createRandom(1));
  expect(tokens.join("")).toBe(text);
  expect(tokens).toContain(" naïve");
  expect(tokens).toContain("don’t");
  expect(tokens).toContain("\n\n");
});

test("a long word is torn at a seeded place, never inside a character", () => {
  const word = "𝒜".repeat(30);
  const tokens = tokenize(word, createRandom(3));
  expect(tokens).toHaveLength(2);
  for (const token of tokens) expect(token).not.toMatch(loneSurrogate);
  expect(tokens).toEqual(tokenize(word, createRandom(3)));
});
