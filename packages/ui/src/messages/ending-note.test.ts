import { expect, test } from "vitest";
import { english } from "../labels/english.ts";
import { endingNote } from "./ending-note.ts";

const answer = { id: "1", role: "assistant", content: "Text" } as const;

test.each([
  [{ status: "done", reason: "stop" }, undefined],
  [{ status: "done", reason: "constructor" }, undefined],
  [{ status: "done", reason: "length" }, "The answer reached its length limit and is incomplete."],
  [{ status: "done", reason: "content_filter" }, "A content filter ended the answer."],
  [{ status: "done", reason: "stop", content: " \n" }, "The answer is empty."],
  [{ status: "cancelled" }, "Stopped."],
  [
    { status: "cancelled", reason: "abandoned" },
    "The answer was ended because nobody was reading it.",
  ],
  [{ status: "streaming", content: "" }, undefined],
  [{ status: "error", content: "" }, undefined],
  [{}, undefined],
] as const)("how an answer ended is told: %j", (fields, note) => {
  expect(endingNote({ ...answer, ...fields }, english)).toBe(note);
});
