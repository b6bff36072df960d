import { expect, test } from "vitest";
import { fails, refuses, sends } from "../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";
import type { ChatPersistence, SavedChat } from "./saved-chat.ts";
import { createMemoryPersistence } from "./testing/memory-persistence.ts";
import { begun, ended, handMadeChat, transcript } from "./testing/relay-chat.ts";
import { until } from "./testing/until.ts";

const says = (text: string) => sends(numberedText(1, start, token(text), stop));
const hangs = sends(numberedText(1, start, token("Hel")), "hang");

test("another answer is a branch beside the first one, and either can be shown", async () => {
  const persist = createMemoryPersistence();
  const { chat, relay } = handMadeChat([says("one"), says("two"), says("three"), says("uno")], {
    persist,
  });
  chat.send("First");
  await ended(chat);
  chat.send("Second");
  const [, first] = (await ended(chat)).messages;
  expect(chat.regenerate(first?.id)).toBe(true);
  expect(transcript(await ended(chat))).toEqual(["user: First", "assistant: three"]);
  expect(relay.requests[2]?.body).toMatchObject({
    messages: [{ role: "user", content: "First" }],
  });
  const branches = chat.branches(first?.id ?? "");
  expect(branches.map(({ content }) => content)).toEqual(["one", "three"]);
  expect(chat.selectBranch(first?.id ?? "")).toBe(true);
  const whole = ["user: First", "assistant: one", "user: Second", "assistant: two"];
  expect(transcript(chat.getSnapshot())).toEqual(whole);
  expect(chat.selectBranch("none")).toBe(false);
  // Without an id it is the last answer.
  expect(chat.regenerate()).toBe(true);
  expect(transcript(await ended(chat)).at(-1)).toBe("assistant: uno");

  const after = handMadeChat([], { persist }).chat;
  expect(transcript(after.getSnapshot()).at(-1)).toBe("assistant: uno");
  expect(after.branches(first?.id ?? "").map(({ content }) => content)).toEqual(["one", "three"]);
  expect(after.selectBranch(branches[1]?.id ?? "")).toBe(true);
  expect(transcript(after.getSnapshot())).toEqual(["user: First", "assistant: three"]);
});

test("an edited question is a branch, with what follows each", async () => {
  const { chat } = handMadeChat([says("one"), says("two")]);
  chat.send("First", { metadata: { from: "menu" } });
  const [first] = (await ended(chat)).messages;
  expect(first).toMatchObject({ metadata: { from: "menu" } });
  chat.edit(first?.id ?? "", "Another");
  const { messages } = await ended(chat);
  expect(messages[0]).toMatchObject({ content: "Another", metadata: { from: "menu" } });
  chat.selectBranch(first?.id ?? "");
  expect(transcript(chat.getSnapshot())).toEqual(["user: First", "assistant: one"]);
});

test("an answer of which nothing has come is no branch", async () => {
  const { chat } = handMadeChat([fails(), says("two")]);
  chat.send("First");
  const [, empty] = (await ended(chat)).messages;
  chat.retry();
  const [, answer] = (await ended(chat)).messages;
  expect(chat.branches(answer?.id ?? "")).toEqual([answer]);
  expect(chat.branches(empty?.id ?? "")).toEqual([]);
});

test("no branch is selected, and nothing replaced, while an answer is running", async () => {
  const { chat } = handMadeChat([says("one"), hangs]);
  chat.send("First");
  const [first] = (await ended(chat)).messages;
  chat.send("Second");
  await begun(chat);
  const tried = [
    chat.selectBranch(first?.id ?? ""),
    chat.setMessages([]),
    chat.regenerate(),
    chat.undo(),
  ];
  expect(tried).toEqual([false, false, false, false]);
  chat.stop();
});

test("reset can be undone until something else is asked", async () => {
  const persist = createMemoryPersistence();
  const { chat } = handMadeChat([says("one"), says("two")], { persist });
  expect(chat.undo()).toBe(false);
  chat.send("First");
  await ended(chat);
  chat.reset();
  expect(chat.getSnapshot()).toMatchObject({ messages: [], canUndo: true });
  expect(persist.saved).toBeUndefined();
  expect(chat.undo()).toBe(true);
  expect(transcript(chat.getSnapshot())).toEqual(["user: First", "assistant: one"]);
  expect(persist.saved?.messages).toHaveLength(2);
  chat.reset();
  chat.send("Second");
  await ended(chat);
  expect(chat.getSnapshot().canUndo).toBe(false);
  expect(chat.undo()).toBe(false);
});

test("setMessages replaces all messages, and the next question follows them", async () => {
  const { chat, relay } = handMadeChat([says("two")]);
  expect(
    chat.setMessages([
      { role: "user", content: "Q" },
      { role: "assistant", content: "A" },
    ]),
  ).toBe(true);
  chat.send("And?");
  await ended(chat);
  expect(relay.requests[0]?.body).toMatchObject({
    messages: [{ content: "Q" }, { content: "A" }, { content: "And?" }],
  });
});

test("with whileRunning: queue, a question sent while an answer is running waits", async () => {
  const { chat, relay } = handMadeChat([says("one"), says("two"), hangs], {
    whileRunning: "queue",
  });
  chat.subscribe(() => {});
  chat.send("First");
  expect(chat.send("Second")).toBe(true);
  expect(chat.getSnapshot().queued).toEqual(["Second"]);
  await relay.request(2);
  await until(chat, ({ messages }) => messages.at(-1)?.content === "two");
  expect(transcript(chat.getSnapshot())).toEqual([
    "user: First",
    "assistant: one",
    "user: Second",
    "assistant: two",
  ]);
  chat.send("Third");
  await until(chat, ({ messages }) => messages.at(-1)?.content === "Hel");
  chat.send("Fourth");
  chat.setDraft("and more");
  chat.stop();
  // Nothing that was typed is lost.
  expect(chat.getSnapshot()).toMatchObject({ queued: [], draft: "Fourth\nand more" });
  expect(relay.requests).toHaveLength(3);
});

test("a question that waits can be taken back", async () => {
  const { chat, relay } = handMadeChat([says("one"), says("two"), hangs], {
    whileRunning: "queue",
  });
  chat.subscribe(() => {});
  for (const question of ["First", "Second", "Third"]) chat.send(question);
  expect([chat.removeQueued(2), chat.removeQueued(0)]).toEqual([false, true]);
  expect(chat.getSnapshot().queued).toEqual(["Third"]);
  await relay.request(2);
  await until(chat, ({ messages }) => messages.at(-1)?.content === "two");
  const asked = transcript(chat.getSnapshot()).filter((line) => line.startsWith("user"));
  expect(asked).toEqual(["user: First", "user: Third"]);
});

test("a refused question is not sent along with the next one", async () => {
  const { chat, relay } = handMadeChat([
    refuses(400, "invalid_request", { retryable: false }),
    refuses(503, "overloaded"),
    says("Yes."),
  ]);
  for (const text of ["Refused", "Not answered", "Third"]) {
    chat.send(text);
    await ended(chat);
  }
  expect(relay.requests[2]?.body).toMatchObject({
    messages: [{ content: "Not answered" }, { content: "Third" }],
  });
});

test("prepareRequest changes the request, and nothing has changed if it throws", async () => {
  let isBroken = false;
  const { chat, relay } = handMadeChat([says("one")], {
    requestLimits: { maxMessages: 1 },
    initialMessages: [
      { role: "user", content: "Earlier" },
      { role: "assistant", content: "Yes" },
    ],
    prepareRequest({ conversation, messages, ...request }) {
      if (isBroken) throw new Error("No profile.");
      expect(conversation.map(({ content }) => content)).toEqual(["Earlier", "Yes", "First"]);
      return { ...request, messages: [{ role: "system", content: "Be brief." }, ...messages] };
    },
  });
  chat.send("First");
  expect(await ended(chat)).toMatchObject({ omittedCount: 2 });
  expect(relay.requests[0]?.body).toEqual({
    configurationId: "cfg-1",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "First" },
    ],
  });
  isBroken = true;
  const { messages } = chat.getSnapshot();
  expect(() => chat.send("Second")).toThrow("No profile.");
  expect(() => chat.edit(messages[2]?.id ?? "", "Other")).toThrow("No profile.");
  expect(() => chat.regenerate()).toThrow("No profile.");
  expect(chat.getSnapshot().messages.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
  expect(chat.getSnapshot().status).toBe("done");
});

test("a message has its events, usage, reason and times, and all of it is saved", async () => {
  const persist = createMemoryPersistence();
  const citation = { type: "citation", content: "1", index: 1, url: "https://example.com" };
  const finished: unknown[] = [];
  const heard: unknown[] = [];
  const body = numberedText(1, start, token("Hel"), citation, {
    ...stop,
    usage: { totalTokens: 3 },
  });
  const { chat } = handMadeChat([sends(body)], {
    persist,
    onEvent: (event, message) => heard.push([event.type, message.content]),
    onFinish: (message) => finished.push(message),
  });
  chat.send("Hello");
  const answer = (await ended(chat)).messages.at(-1);
  expect(answer).toMatchObject({
    createdAt: expect.any(Number),
    events: [citation],
    usage: { totalTokens: 3 },
    reason: "stop",
  });
  expect(finished).toEqual([answer]);
  expect(heard).toEqual([
    ["start", ""],
    ["token", "Hel"],
    ["citation", "Hel"],
    ["stop", "Hel"],
  ]);
  expect(handMadeChat([], { persist }).chat.getSnapshot().messages.at(-1)).toEqual(answer);
});

test("what is being typed is kept, and sending it empties it", async () => {
  const persist = createMemoryPersistence();
  const { chat } = handMadeChat([says("one")], { persist });
  chat.setDraft("Hel");
  chat.setDraft("Hello");
  expect(persist.saveCount).toBe(0);
  globalThis.dispatchEvent?.(new Event("pagehide"));
  if (typeof document === "undefined") chat.setMessages([]);
  expect(persist.saved?.draft).toBe("Hello");
  const after = handMadeChat([], { persist }).chat;
  expect(after.getSnapshot().draft).toBe("Hello");
  chat.send("Hello");
  expect((await ended(chat)).draft).toBe("");
  expect(persist.saved?.draft).toBeUndefined();
});

/** A server that answers when the test says so. */
function slowPersistence() {
  const waiting: {
    readonly kind: string;
    readonly saved?: SavedChat;
    settle(value?: unknown): void;
  }[] = [];
  const later = (kind: string, saved?: SavedChat) =>
    new Promise<never>((resolve) => {
      waiting.push({ kind, ...(saved && { saved }), settle: resolve as () => void });
    });
  const persist: ChatPersistence = {
    load: () => later("load"),
    save: (saved) => later("save", saved),
    clear: () => later("clear"),
  };
  return { persist, waiting };
}

test("what is loaded later is there before what was sent meanwhile is asked", async () => {
  const { persist, waiting } = slowPersistence();
  const { chat, relay } = handMadeChat([says("two")], { persist });
  expect(chat.getSnapshot().isLoading).toBe(true);
  expect(chat.send("Second")).toBe(true);
  expect(relay.requests).toHaveLength(0);
  waiting[0]?.settle({
    messages: [
      { id: "1", role: "user", content: "First" },
      { id: "2", role: "assistant", content: "one", status: "done" },
    ],
  });
  const { messages } = await until(chat, ({ status }) => status === "done");
  expect(messages.map(({ content }) => content)).toEqual(["First", "one", "Second", "two"]);
});

test("a slow save is never overtaken by an older one, and the last state is saved", async () => {
  const { persist, waiting } = slowPersistence();
  const { chat } = handMadeChat([says("one"), says("two")], { persist });
  waiting[0]?.settle();
  await until(chat, ({ isLoading }) => !isLoading);
  for (const text of ["First", "Second"]) {
    chat.send(text);
    await ended(chat);
  }
  expect(waiting.map(({ kind }) => kind)).toEqual(["load", "save"]);
  waiting[1]?.settle();
  await Promise.resolve();
  await new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
  expect(waiting.map(({ kind }) => kind)).toEqual(["load", "save", "save"]);
  expect(waiting[2]?.saved?.messages.map(({ content }) => content)).toEqual([
    "First",
    "one",
    "Second",
    "two",
  ]);
});

test("a load that fails is reported, and what was sent meanwhile is asked", async () => {
  const { chat } = handMadeChat([says("one")], {
    persist: {
      load: () => Promise.resolve("nonsense" as never),
      save: () => {},
      clear: () => {},
    },
  });
  chat.send("First");
  expect(transcript(await ended(chat))).toEqual(["user: First", "assistant: one"]);
});

test("an answer that can be resumed is so only while the conversation ends with it", async () => {
  const persist = createMemoryPersistence();
  const kept = { ...start, resumable: true };
  const cut = sends(numberedText(1, kept, token("Hel")), "cut");
  const { chat } = handMadeChat([says("one"), cut], { persist });
  chat.send("First");
  const [, first] = (await ended(chat)).messages;
  chat.regenerate();
  const second = (await ended(chat)).messages.at(-1);
  expect(chat.getSnapshot().canResume).toBe(true);
  expect(persist.saved?.checkpoint).toMatchObject({ streamId: "s-1" });
  chat.selectBranch(first?.id ?? "");
  expect(chat.getSnapshot().canResume).toBe(false);
  expect(chat.resume()).toBe(false);
  expect(persist.saved?.checkpoint).toBeUndefined();
  chat.selectBranch(second?.id ?? "");
  expect(chat.getSnapshot().canResume).toBe(true);
  expect(persist.saved?.checkpoint).toMatchObject({ streamId: "s-1" });
});

test("a save before a saved answer is resumed keeps its checkpoint", async () => {
  const persist = createMemoryPersistence();
  const kept = { ...start, resumable: true };
  const { chat } = handMadeChat([sends(numberedText(1, kept, token("Hel")), "hang")], { persist });
  chat.send("Hello");
  await begun(chat);
  const { checkpoint } = persist.saved ?? {};
  const after = handMadeChat([], { persist, autoResume: false }).chat;
  after.restore();
  after.setDraft("And");
  globalThis.dispatchEvent?.(new Event("pagehide"));
  if (typeof document === "undefined")
    after.selectBranch(after.getSnapshot().messages[1]?.id ?? "");
  expect(persist.saved).toMatchObject({ draft: "And", checkpoint });
  chat.dispose();
});
