import { expect, test } from "vitest";

import { topicOf } from "./topic.ts";

test.each([
  ["How do I reset my password?", "how to reset your password"],
  ["Hi, can you help me to cancel my order, please?", "how to cancel your order"],
  ["What are your opening hours? I am in a hurry.", "your opening hours"],
  ["Can you explain OAuth to me please", "OAuth"],
  ["opening hours", "opening hours"],
  ["Write a poem about the sea", "“Write a poem about the sea”"],
  ["Is v1.2 out?\nSecond line", "Is v1.2 out"],
  ["Hello!", "how this works"],
  ["  ", "how this works"],
])("%j is about %s", (question, about) => {
  expect(topicOf(question).about).toBe(about);
});

test("a heading begins with a capital letter", () => {
  expect(topicOf("école primaire").title).toBe("École primaire");
});

test("a long question is shortened at a word", () => {
  const { title } = topicOf("word ".repeat(100));
  expect(title).toMatch(/^Word(?: word)* ?word…$/);
  expect(title.length).toBeLessThan(60);
});
