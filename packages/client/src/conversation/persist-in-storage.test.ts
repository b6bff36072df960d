import { afterEach, expect, test, vi } from "vitest";
import { persistInSession, persistLocally, type DroppedFromStorage } from "./persist-in-storage.ts";

const saved = { messages: [{ id: "1", role: "user", content: "Hello" }] };

/** A browser's storage with room for so many characters. */
function stubStorage(room = 5_000_000): void {
  const items: Record<string, string> = {};
  const methods = {
    getItem: (key: string) => items[key] ?? null,
    setItem(key: string, value: string) {
      const others = Object.entries(items).filter(([name]) => name !== key);
      const taken = others.reduce((sum, [, other]) => sum + other.length, value.length);
      if (taken > room) throw new DOMException("Full.", "QuotaExceededError");
      items[key] = value;
    },
    removeItem: (key: string) => delete items[key],
  };
  // Its own keys are those of its items, as a browser's are.
  const storage = new Proxy(items, { get: (_, name) => Reflect.get(methods, name) });
  vi.stubGlobal("sessionStorage", storage);
  vi.stubGlobal("localStorage", storage);
}

test("what was saved under a key is loaded from it until it is cleared", () => {
  stubStorage();
  persistInSession("one").save(saved);
  expect(persistInSession("one").load()).toMatchObject(saved);
  expect(persistInSession("other").load()).toBeUndefined();
  persistInSession("one").clear();
  expect(persistInSession("one").load()).toBeUndefined();
});

test("what is not JSON is nothing", () => {
  stubStorage();
  sessionStorage.setItem("chat", "{messages:");
  expect(persistInSession("chat").load()).toBeUndefined();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const exchange = (number: number) => [
  { id: `q${number}`, role: "user", content: `question ${number}` },
  { id: `a${number}`, role: "assistant", content: "x".repeat(100) },
];
const conversation = (count: number) => ({
  messages: Array.from({ length: count }, (_, index) => exchange(index + 1)).flat(),
});

test("a full storage drops the oldest messages, says so, and keeps no older copy", () => {
  stubStorage(1000);
  const dropped: DroppedFromStorage[] = [];
  const persist = persistInSession("chat", { onDropped: (what) => dropped.push(what) });
  persist.save(conversation(2));
  expect(dropped).toEqual([]);
  persist.save(conversation(10));
  const { messages = [] } = persist.load() ?? {};
  expect(messages.at(-1)?.id).toBe("a10");
  expect(dropped).toEqual([{ conversations: [], messageCount: 20 - messages.length }]);
  expect(messages.length).toBeGreaterThan(2);
  persist.save({ messages: [{ id: "1", role: "user", content: "x".repeat(2000) }] });
  expect(persist.load()).toBeUndefined();
});

test("a full storage drops the oldest other conversation before any message of this one", () => {
  stubStorage(1000);
  vi.useFakeTimers();
  const dropped: DroppedFromStorage[] = [];
  const store = persistLocally("chat", { onDropped: (what) => dropped.push(what) });
  for (const id of ["old", "newer", "newest"]) {
    vi.advanceTimersByTime(1000);
    store.conversation(id).save(conversation(2));
  }
  vi.useRealTimers();
  expect(dropped).toEqual([{ conversations: ["old"], messageCount: 0 }]);
  expect(store.list().map(({ id }) => id)).toEqual(["newest", "newer"]);
});

test("conversations are listed with their first question, the newest first", () => {
  stubStorage();
  vi.useFakeTimers({ now: 1000 });
  const store = persistLocally("chat");
  store.save(conversation(1));
  vi.setSystemTime(2000);
  store
    .conversation("c-2")
    .save({ messages: [{ id: "1", role: "user", content: "?".repeat(100) }] });
  persistLocally("other").save(conversation(1));
  vi.useRealTimers();
  expect(store.list()).toEqual([
    { id: "c-2", title: "?".repeat(80), savedAt: 2000 },
    { id: "", title: "question 1", savedAt: 1000 },
  ]);
});

test("two tabs do not destroy what the other has written: it is a branch", () => {
  stubStorage();
  const [one, other] = [persistLocally("chat"), persistLocally("chat")];
  one.save(conversation(1));
  other.load();
  const [asked = exchange(1)[0], answer = exchange(1)[1]] = conversation(1).messages;
  const mine = { id: "q-mine", role: "user", content: "mine" };
  const theirs = { id: "q-theirs", role: "user", content: "theirs" };
  other.save({ messages: [asked, answer, theirs] as never });
  one.save({ messages: [asked, answer, mine] as never });
  const { messages, branches } = persistLocally("chat").load() ?? {};
  expect(messages?.at(-1)).toEqual(mine);
  expect(branches).toEqual([{ ...theirs, parentId: "a1" }]);
  // What the page itself has taken out stays out.
  one.save({ messages: [asked] as never });
  expect(
    persistLocally("chat")
      .load()
      ?.branches?.map(({ id }) => id),
  ).toEqual(["q-theirs"]);
});

test("what another user has stored is removed, not shown", () => {
  stubStorage();
  const anna = persistLocally("chat", { user: "anna" });
  anna.save(conversation(1));
  anna.conversation("c-2").save(conversation(1));
  expect(persistLocally("chat", { user: "anna" }).load()).toMatchObject(conversation(1));
  expect(persistLocally("chat", { user: "ben" }).load()).toBeUndefined();
  expect(anna.list()).toEqual([]);
});

test("where there is no storage nothing is kept, and nothing fails", () => {
  vi.stubGlobal("sessionStorage", undefined);
  const persist = persistInSession("chat");
  persist.save(saved);
  expect(persist.load()).toBeUndefined();
  persist.clear();
});

test("of a file with much data everything else is stored", () => {
  stubStorage();
  const file = { type: "file", mediaType: "image/png" } as const;
  const answerWith = (length: number) => ({
    messages: [
      {
        id: "1",
        role: "assistant",
        content: "",
        parts: [{ ...file, data: "x".repeat(length) }],
      },
    ],
  });
  persistInSession("small").save(answerWith(262_144));
  expect(persistInSession("small").load()).toMatchObject(answerWith(262_144));
  persistInSession("large").save(answerWith(262_145));
  expect(persistInSession("large").load()?.messages[0]?.parts).toEqual([file]);
});
