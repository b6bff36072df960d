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

test("an edited question that is too long is not sent, and a text that does not fit is not pasted", () => {
  const { edit } = open("Why?");
  edit.click();
  const field = element.querySelector("textarea");
  const note = element.querySelector(".gs-editor .gs-composer-note");
  const paste = new InputEvent("beforeinput", {
    data: "x".repeat(1_200_000),
    inputType: "insertFromPaste",
    cancelable: true,
  });
  expect(field?.dispatchEvent(paste)).toBe(false);
  expect(note?.textContent).toContain("1,200,000 characters");
  if (field) field.value = "x".repeat(200_001);
  field?.dispatchEvent(new Event("input"));
  expect(element.querySelector(".gs-count")?.textContent).toBe("200,001 of 200,000 characters");
  field?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
  expect(note?.textContent).toBe("The message was not sent: it is a character too long.");
  expect(element.querySelector(".gs-editor")).not.toBe(null);
});
