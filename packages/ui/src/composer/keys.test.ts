import { expect, test } from "vitest";
import { isEscapeKey, isSendingKey } from "./keys.ts";

test.each([
  ["Enter", {}, true],
  ["Shift+Enter", { shiftKey: true }, false],
  ["Enter in a composition", { isComposing: true }, false],
  ["Enter that ends a composition in WebKit", { keyCode: 229 }, false],
])("%s: sends %s", (_name, init, sends) => {
  expect(isSendingKey(new KeyboardEvent("keydown", { key: "Enter", ...init }))).toBe(sends);
});

test.each([
  ["alone", {}, true],
  ["in a composition", { isComposing: true }, false],
  ["that ends a composition in WebKit", { keyCode: 229 }, false],
])("Escape %s: is Escape %s", (_name, init, isEscape) => {
  expect(isEscapeKey(new KeyboardEvent("keydown", { key: "Escape", ...init }))).toBe(isEscape);
});
