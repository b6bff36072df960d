import { afterEach, expect, test, vi } from "vitest";
import { keepAboveKeyboard } from "./keep-above-keyboard.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

/** A field at the end of a page that is 800 pixels high. */
function begin() {
  const viewport = Object.assign(new EventTarget(), { offsetTop: 0, height: 800, scale: 1 });
  vi.stubGlobal("visualViewport", viewport);
  const element = document.createElement("div");
  const field = document.createElement("textarea");
  element.append(field);
  document.body.append(element);
  element.getBoundingClientRect = () => new DOMRect(0, 0, 400, 800);
  const closing = new AbortController();
  keepAboveKeyboard(element, closing.signal);
  return {
    field,
    close: () => closing.abort(),
    padding: () => element.style.paddingBottom,
    change(values: Partial<typeof viewport>): void {
      Object.assign(viewport, values);
      viewport.dispatchEvent(new Event("resize"));
    },
  };
}

test("what a keyboard covers is left free, as long as somebody types", () => {
  const { field, change, padding } = begin();
  change({ height: 500 });
  expect(padding()).toBe("");
  field.focus();
  expect(padding()).toBe("300px");
  change({ height: 800 });
  expect(padding()).toBe("");
});

test("who has zoomed in has no keyboard, and a chat that is closed follows none", () => {
  const { field, change, padding, close } = begin();
  field.focus();
  change({ height: 400, scale: 2 });
  expect(padding()).toBe("");
  close();
  change({ height: 400, scale: 1 });
  expect(padding()).toBe("");
});
