import { afterEach, expect, test, vi } from "vitest";
import { english } from "./english.ts";
import { labels as german } from "./de.ts";
import { loadLabels } from "./load-labels.ts";
import type { Labels } from "./labels.ts";

afterEach(() => vi.restoreAllMocks());

/** All that is said in a language, with some numbers. */
function wordsOf(labels: Labels): readonly string[] {
  const spoken = Object.values(labels).flatMap((words: unknown) => {
    if (typeof words === "string") return [words];
    if (typeof words === "function")
      return [0, 1, 2, 12_345].map((count) => String(words(count, 200_000, count)));
    return Object.values(words as Labels["errors"]);
  });
  return spoken.map((words) => words.trim());
}

test.each(["de", "es", "fr", "it", "ja", "nl", "pt"])(
  "all words of %s are there, and its own",
  async (code) => {
    const words = wordsOf(await loadLabels(code));
    expect(words).not.toContain("");
    expect(words.join(" ")).not.toMatch(/undefined|NaN/);
    const sameAsEnglish = wordsOf(english).filter((word) => words.includes(word));
    // "Code", "Details", "Conversation", "Message", and the like.
    expect(sameAsEnglish.length).toBeLessThan(6);
  },
);

test("one of a thing, and more of it", async () => {
  const french = await loadLabels("fr-CA");
  expect([1, 2].map((count) => french.openChat(count))).toEqual([
    "Ouvrir le chat, une nouvelle réponse",
    "Ouvrir le chat, 2 nouvelles réponses",
  ]);
  expect([1, 2].map((count) => german.pleaseWait(count))).toEqual([
    "Bitte warten Sie eine Sekunde.",
    "Bitte warten Sie 2 Sekunden.",
  ]);
});

test("English needs nothing, and takes the place of what is not there", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  expect(await loadLabels("en-GB")).toBe(english);
  expect(await loadLabels("")).toBe(english);
  expect(warned).not.toHaveBeenCalled();
  expect(await loadLabels("tlh")).toBe(english);
  expect(warned).toHaveBeenCalledOnce();
});
