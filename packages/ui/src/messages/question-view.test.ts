import { afterEach, expect, test } from "vitest";
import { createScriptedChat } from "../testing/scripted-chat.ts";
import { createMessages, type MessagesView } from "./messages.ts";

const element = document.createElement("div");
let view: MessagesView | undefined;

afterEach(() => view?.close());

function open(content: string) {
  const { chat } = createScriptedChat({ initialMessages: [{ role: "user", content }] });
  view = createMessages(element, { chat });
  const text = element.querySelector(".gs-text");
  const buttons = [...element.querySelectorAll("button")];
  const fold = buttons.find(({ textContent }) => textContent === "Show all");
  const edit = buttons.find(({ ariaLabel }) => ariaLabel === "Edit message 1");
  if (!text || !fold || !edit) throw new Error("The question is not there.");
  return { text, fold, edit };
}

test.each([
  ["Why?", false],
  ["a line\n".repeat(10), false],
  ["a line\n".repeat(20), true],
  ["words ".repeat(300), true],
])("a question of more than about twelve lines is folded: %#", (content, isFolded) => {
  const { text, fold } = open(content);
  expect([text.hasAttribute("data-folded"), fold.hidden]).toEqual([isFolded, !isFolded]);
});

test("Show all unfolds it, and Show less folds it again", () => {
  const { text, fold, edit } = open("a line\n".repeat(20));
  expect(fold.ariaExpanded).toBe("false");
  fold.click();
  expect(text.hasAttribute("data-folded")).toBe(false);
  expect([fold.textContent, fold.ariaExpanded]).toEqual(["Show less", "true"]);
  fold.click();
  expect(text.hasAttribute("data-folded")).toBe(true);
  edit.click();
  expect(fold.hidden).toBe(true);
});
