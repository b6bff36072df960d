import { createClient } from "@gatestream/client";
import { createChat, type Chat, type ChatOptions } from "@gatestream/client/chat";
import { createTestTransport } from "@gatestream/client/testing";
import { afterEach, expect, test, vi } from "vitest";
import { createComposer, type Composer, type ComposerOptions } from "./composer.ts";

let composer: Composer | undefined;
let chat: Chat | undefined;
afterEach(() => {
  chat?.stop();
  composer?.close();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

function begin(options: Partial<ComposerOptions & ChatOptions> = {}) {
  // An answer that ends only when it is stopped.
  const transport = createTestTransport(async function* () {
    yield "Blue";
    await new Promise(() => {});
  });
  chat = createChat(createClient({ transport }), { configurationId: "cfg-1", ...options });
  const element = document.createElement("div");
  document.body.append(element);
  composer = createComposer(element, { ...options, chat });
  const find = <Found extends HTMLElement>(selector: string): Found => {
    const found = element.querySelector<Found>(selector);
    if (found === null) throw new Error(`There is no ${selector}.`);
    return found;
  };
  const field = find<HTMLTextAreaElement>("textarea");
  return {
    chat,
    field,
    button: find<HTMLButtonElement>("button"),
    note: find(".gs-composer-note"),
    count: find(".gs-count"),
    queue: find(".gs-queue"),
    type(text: string): void {
      field.value = text;
      field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    },
    /** Whether the browser would put it in. */
    insert(data: string, inputType = "insertFromPaste"): boolean {
      const event = new InputEvent("beforeinput", { data, inputType, cancelable: true });
      return field.dispatchEvent(event);
    },
    enter(init: KeyboardEventInit = {}): boolean {
      const event = new KeyboardEvent("keydown", { key: "Enter", cancelable: true, ...init });
      return field.dispatchEvent(event);
    },
    asked: () => chat?.getSnapshot().messages.filter(({ role }) => role === "user").length,
  };
}

/** As on a phone: nothing but fingers. */
function stubTouch(): void {
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: query === "(pointer: coarse)" }));
}

test("the count is shown from 80 % of what a message may have, and said once", () => {
  const { type, count, note } = begin({ maxMessageCharacters: 10 });
  type("1234567");
  expect(count.hidden).toBe(true);
  type("12345678");
  expect(count.hidden).toBe(false);
  expect(count.textContent).toBe("8 of 10 characters");
  expect(note.textContent).toBe("8 of 10 characters");
  expect(note.className).toContain("gs-visually-hidden");
  type("123456789");
  expect(count.textContent).toBe("9 of 10 characters");
  expect(note.textContent).toBe("");
});

test("a message that is too long is not sent, says why, and stays", () => {
  const { type, enter, note, count, field, button, asked } = begin({ maxMessageCharacters: 10 });
  type("12345678901");
  expect(count.hasAttribute("data-over")).toBe(true);
  enter();
  expect(note.textContent).toBe("The message was not sent: it is a character too long.");
  expect(note.className).not.toContain("gs-visually-hidden");
  button.click();
  expect(asked()).toBe(0);
  expect(field.value).toBe("12345678901");
  type("1234567890");
  expect(note.textContent).toBe("");
  enter();
  expect(asked()).toBe(1);
  expect(count.hidden).toBe(true);
});

test.each(["insertFromPaste", "insertFromDrop"])("%s of too much is refused with words", (how) => {
  const { type, insert, note, field } = begin();
  type("Mine");
  expect(insert("x".repeat(1_200_000), how)).toBe(false);
  expect(field.value).toBe("Mine");
  expect(note.textContent).toBe(
    "This text has 1,200,000 characters, and a message may have 200,000: it was not inserted.",
  );
  expect(insert("x".repeat(199_996), how)).toBe(true);
  expect(insert("x".repeat(199_997), how)).toBe(false);
  // What it would replace makes room for it.
  field.select();
  expect(insert("x".repeat(200_000), how)).toBe(true);
});

test("with fingers alone Enter begins a line, and the button sends", () => {
  stubTouch();
  const { type, enter, field, button, asked } = begin();
  expect(field.getAttribute("enterkeyhint")).toBe("enter");
  type("Hello");
  expect(enter()).toBe(true);
  expect(asked()).toBe(0);
  button.click();
  expect(asked()).toBe(1);
});

test("while an answer runs, Enter does nothing where questions do not wait", () => {
  const { type, enter, field, button, asked } = begin();
  type("Hello");
  enter();
  type("And then?");
  expect(button.textContent).toBe("Stop");
  enter();
  expect(asked()).toBe(1);
  expect(field.value).toBe("And then?");
});

test("where questions wait, Enter and the button queue them, and they are shown", () => {
  const {
    chat: conversation,
    type,
    enter,
    field,
    button,
    queue,
  } = begin({ whileRunning: "queue" });
  type("Hello");
  enter();
  expect(button.textContent).toBe("Stop");
  type("And then?");
  expect(button.textContent).toBe("Send");
  enter();
  expect(field.value).toBe("");
  type("And after that?");
  button.click();
  expect(button.textContent).toBe("Stop");
  const waiting = () => [...queue.querySelectorAll("span")].map(({ textContent }) => textContent);
  expect(waiting()).toEqual(["And then?", "And after that?"]);
  type("Never mind?");
  enter();
  const remove = queue.querySelectorAll("button")[2];
  expect(remove?.ariaLabel).toBe("Remove: Never mind?");
  remove?.click();
  expect(waiting()).toEqual(["And then?", "And after that?"]);
  expect(document.activeElement).toBe(field);
  button.click();
  expect(queue.hidden).toBe(true);
  expect(field.value).toBe("And then?\nAnd after that?");
  expect(conversation.getSnapshot().isRunning).toBe(false);
});
