import { afterEach, expect, test, vi } from "vitest";
import { persistInSession } from "./persist-in-session.ts";

const saved = { messages: [{ id: "1", role: "user", content: "Hello" }] };

/** A browser's storage with room for so many characters. */
function stubStorage(room = 5_000_000): Map<string, string> {
  const items = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => items.get(key) ?? null,
    setItem(key: string, value: string) {
      if (value.length > room) throw new DOMException("Full.", "QuotaExceededError");
      items.set(key, value);
    },
    removeItem: (key: string) => items.delete(key),
  });
  return items;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("what was saved under a key is loaded from it until it is cleared", () => {
  stubStorage();
  persistInSession("one").save(saved);
  expect(persistInSession("one").load()).toEqual(saved);
  expect(persistInSession("other").load()).toBeUndefined();
  persistInSession("one").clear();
  expect(persistInSession("one").load()).toBeUndefined();
});

test("what is not JSON is nothing", () => {
  stubStorage().set("chat", "{messages:");
  expect(persistInSession("chat").load()).toBeUndefined();
});

test("a full storage does not bring back an older conversation", () => {
  stubStorage(100);
  const persist = persistInSession("chat");
  persist.save(saved);
  persist.save({ messages: Array.from({ length: 10 }, () => saved.messages).flat() });
  expect(persist.load()).toBeUndefined();
});

test("where there is no storage nothing is kept, and nothing fails", () => {
  vi.stubGlobal("sessionStorage", undefined);
  const persist = persistInSession("chat");
  persist.save(saved);
  expect(persist.load()).toBeUndefined();
  persist.clear();
});
