import { describe, expect, test, vi } from "vitest";
import { ask, gatewayCall } from "../testing/gateway-call.ts";
import { createHandMadeRelay, fails, refuses, sends } from "../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";
import { createClient } from "../create-client.ts";
import type { ChatMessage } from "./chat-message.ts";
import { createChat } from "./create-chat.ts";
import { toSavedMessage } from "./saved-chat.ts";
import { createMemoryPersistence } from "./testing/memory-persistence.ts";
import { begun, ended, handMadeChat, relayChat, transcript } from "./testing/relay-chat.ts";

const kept = { ...start, resumable: true };
const says = (text: string) => sends(numberedText(1, start, token(text), stop));
const begins = sends(numberedText(1, kept, token("Hel")), "hang");
/** From the start: what a page has had already, it passes over. */
const goesOn = sends(numberedText(1, kept, token("Hel"), token("lo"), stop));

/** A page that was left in the middle of an answer: its chat does not hear of it. */
async function leftInTheMiddle() {
  const persist = createMemoryPersistence();
  const { chat } = handMadeChat([begins], { persist });
  chat.send("Hello");
  const { messages } = await begun(chat);
  globalThis.dispatchEvent?.(new Event("pagehide"));
  return { persist, messages };
}

test("a saved conversation is restored, and continues", async () => {
  const persist = createMemoryPersistence();
  const before = handMadeChat([says("one"), fails()], { persist });
  before.chat.send("First");
  await ended(before.chat);
  before.chat.send("Second");
  const { messages } = await ended(before.chat);
  const after = handMadeChat([says("two")], {
    persist,
    initialMessages: [{ role: "assistant", content: "A greeting that is over." }],
  });
  expect(after.chat.getSnapshot()).toMatchObject({
    messages: expect.anything(),
    status: "idle",
    canResume: false,
  });
  const restored = after.chat.getSnapshot().messages;
  expect(restored.slice(0, 3)).toEqual(messages.slice(0, 3));
  expect(restored[3]).toMatchObject({ id: messages[3]?.id, content: "", status: "error" });
  expect(restored[3]?.error).toMatchObject({ code: "network", retryable: true });
  after.chat.retry();
  expect(transcript(await ended(after.chat))).toEqual([
    "user: First",
    "assistant: one",
    "user: Second",
    "assistant: two",
  ]);
});

test("a reload in the middle of an answer resumes it, and the gateway is asked once", async () => {
  const persist = createMemoryPersistence();
  const { question, request } = ask();
  const leaving = new AbortController();
  const before = relayChat(
    {
      persist,
      // The page is gone: what its chat would save from then on is not saved.
      onToken: () => leaving.abort(),
    },
    {
      resumable: true,
      fetch: (url, init) =>
        fetch(url, {
          ...init,
          signal: AbortSignal.any([leaving.signal, init?.signal ?? []].flat()),
        }),
    },
  );
  const saved = new Promise<string>((resolve) => {
    leaving.signal.addEventListener("abort", () => resolve(JSON.stringify(persist.saved)));
  });
  before.send(String(request.messages[0]?.content ?? ""));
  const json = JSON.parse(await saved);
  expect(json).toMatchObject({ checkpoint: { streamId: expect.any(String) } });
  const after = relayChat({ persist: { ...persist, load: () => json } }, { resumable: true });
  expect(after.getSnapshot()).toMatchObject({
    messages: [{ role: "user" }, { role: "assistant", status: "streaming" }],
    status: "connecting",
  });
  const { messages } = await ended(after);
  const { sentText } = await gatewayCall({ question, state: "answered" });
  expect(messages[1]).toMatchObject({ content: sentText, status: "done" });
  expect(messages.map(({ id }) => id)).toEqual(before.getSnapshot().messages.map(({ id }) => id));
});

test("a reload in the middle of an answer keeps its parts, and the answer has all of them", async () => {
  const persist = createMemoryPersistence();
  const thought = { type: "reasoning", content: "Hm" } as const;
  const file = { type: "file", mediaType: "image/png", data: "aGk=" } as const;
  const first = sends(numberedText(1, kept, thought, token("Hel")), "hang");
  const before = handMadeChat([first], { persist });
  before.chat.send("Hello");
  await begun(before.chat);
  before.chat.dispose();
  const onFinish = vi.fn<(message: ChatMessage) => void>();
  const { chat } = handMadeChat([sends(numberedText(3, kept, token("lo"), file, stop))], {
    persist,
    onFinish,
  });
  const { messages } = await ended(chat);
  const parts = [{ type: "reasoning", text: "Hm" }, { type: "text", text: "Hello" }, file];
  expect(messages[1]).toMatchObject({ content: "Hello", parts });
  expect(onFinish.mock.calls).toEqual([[messages[1]]]);
  const restored = handMadeChat([], { persist }).chat.getSnapshot().messages;
  expect(restored).toEqual(messages);
});

describe("an answer that was left", () => {
  test("goes on with its own id where it was, and can be stopped at the relay", async () => {
    const { persist, messages } = await leftInTheMiddle();
    const relay = createHandMadeRelay(
      sends(numberedText(1, kept, token("Hel"), token("l")), "hang"),
      () => new Response(null, { status: 204 }),
    );
    const client = createClient({ url: "/api/llm", fetch: relay.fetch });
    const chat = createChat(client, { configurationId: "cfg-1", persist });
    const [asked, answer] = chat.getSnapshot().messages;
    expect([asked, answer?.id]).toEqual([messages[0], messages[1]?.id]);
    expect((await relay.request(1)).method).toBe("GET");
    chat.stop();
    expect((await relay.request(2)).method).toBe("DELETE");
    expect(chat.getSnapshot().messages[1]?.status).toBe("cancelled");
    expect(persist.saved?.checkpoint).toBeUndefined();
  });

  test("is resumed by `resume` without autoResume", async () => {
    const { persist } = await leftInTheMiddle();
    const { chat, relay } = handMadeChat([goesOn], { persist, autoResume: false });
    expect(chat.getSnapshot()).toMatchObject({ messages: [], status: "idle", canResume: false });
    expect(relay.requests).toEqual([]);
    expect(chat.resume()).toBe(true);
    const { messages } = await ended(chat);
    expect(messages[1]?.content).toBe("Hello");
    expect(chat.resume()).toBe(false);
  });

  test("is shown as streaming by `restore`, without a request, and as cancelled after the next question", async () => {
    const { persist } = await leftInTheMiddle();
    const { chat, relay } = handMadeChat([sends(numberedText(1, start, stop))], {
      persist,
      autoResume: false,
    });
    chat.restore();
    const { messages } = chat.getSnapshot();
    expect(messages.map(({ status }) => status)).toEqual([undefined, "streaming"]);
    expect(relay.requests).toEqual([]);
    chat.send("Something else");
    await ended(chat);
    expect(chat.getSnapshot().messages[1]?.status).toBe("cancelled");
  });

  test("and is not kept any more keeps its text and says so", async () => {
    const { persist } = await leftInTheMiddle();
    const { chat } = handMadeChat([refuses(404, "stream_not_found", { retryable: false })], {
      persist,
    });
    const { messages } = await ended(chat);
    expect(messages[1]).toMatchObject({ status: "error", error: { code: "stream_not_found" } });
    expect(persist.saved?.checkpoint).toBeUndefined();
  });

  test("and cannot be resumed is cancelled with what was saved of it", () => {
    const { chat } = handMadeChat([], {
      persist: {
        ...createMemoryPersistence(),
        load: () => ({
          messages: [
            { id: "1", role: "user", content: "Hello" },
            { id: "2", role: "assistant", content: "Hel", status: "streaming" },
          ],
        }),
      },
    });
    expect(chat.getSnapshot().messages[1]).toEqual({
      id: "2",
      role: "assistant",
      content: "Hel",
      parts: [{ type: "text", text: "Hel" }],
      status: "cancelled",
    });
  });

  test("because the network is gone is resumed by `resume`", async () => {
    const broken = sends(numberedText(1, kept, token("Hel")), "cut");
    const { chat, relay } = handMadeChat([broken, goesOn]);
    chat.send("Hello");
    expect((await ended(chat)).status).toBe("error");
    expect(chat.resume()).toBe(true);
    expect(transcript(await ended(chat))).toEqual(["user: Hello", "assistant: Hello"]);
    expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });
});

test("what was asked before `resume` is not replaced by what was saved", async () => {
  const { persist } = await leftInTheMiddle();
  const { chat } = handMadeChat([says("one")], { persist, autoResume: false });
  chat.send("First");
  await ended(chat);
  expect(chat.resume()).toBe(false);
  expect(transcript(chat.getSnapshot())).toEqual(["user: First", "assistant: one"]);
});

test("it is saved when an answer begins, can be resumed and ends, not with each token", async () => {
  const persist = createMemoryPersistence();
  const tokens = Array.from({ length: 500 }, () => token("a"));
  const { chat } = handMadeChat([sends(numberedText(1, kept, ...tokens, stop))], { persist });
  expect(persist.saveCount).toBe(0);
  chat.send("Hello");
  expect(persist).toMatchObject({ saveCount: 1, saved: { messages: [{ content: "Hello" }, {}] } });
  await ended(chat);
  expect(persist.saveCount).toBe(3);
  expect(persist.saved).toEqual({ messages: chat.getSnapshot().messages.map(toSavedMessage) });
});

test("reset removes what was saved", async () => {
  const persist = createMemoryPersistence();
  const { chat } = handMadeChat([begins, () => new Response(null, { status: 204 })], { persist });
  chat.send("Hello");
  await begun(chat);
  chat.reset();
  expect(persist.saved).toBeUndefined();
  expect(handMadeChat([], { persist }).chat.getSnapshot().messages).toEqual([]);
});

test("dispose leaves an answer of a saved conversation to the relay", async () => {
  const persist = createMemoryPersistence();
  const { chat, relay } = handMadeChat([begins], { persist });
  chat.send("Hello");
  await begun(chat);
  chat.dispose();
  expect(persist.saved?.checkpoint).toMatchObject({ streamId: "s-1", lastEventId: 1, text: "Hel" });
  expect(relay.requests).toHaveLength(1);
});

test.runIf(typeof document !== "undefined")(
  "a page that is hidden saves how far the answer has come, and one that is shown does not",
  async () => {
    const persist = createMemoryPersistence();
    const { chat } = handMadeChat([begins], { persist });
    chat.send("Hello");
    await begun(chat);
    expect(persist.saved?.checkpoint?.text).not.toBe("Hel");
    const isHidden = vi.spyOn(document, "hidden", "get").mockReturnValue(false);
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    expect(persist.saveCount).toBe(2);
    isHidden.mockReturnValue(true);
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    expect(persist.saved?.checkpoint).toMatchObject({
      streamId: "s-1",
      lastEventId: 1,
      text: "Hel",
    });
    isHidden.mockRestore();
    chat.dispose();
    const { saveCount } = persist;
    globalThis.dispatchEvent(new Event("pagehide"));
    expect(persist.saveCount).toBe(saveCount);
  },
);

test("a persistence that throws is reported, and the conversation continues", async () => {
  const reported: unknown[] = [];
  const report = vi.spyOn(globalThis, "queueMicrotask").mockImplementation((callback) => {
    try {
      callback();
    } catch (failure) {
      reported.push(failure);
    }
  });
  const failure = new Error("No storage today.");
  const throws = (): never => {
    throw failure;
  };
  const { chat } = handMadeChat([says("Hello")], {
    persist: { load: throws, save: throws, clear: throws },
  });
  chat.send("Hi");
  const { messages } = await ended(chat);
  chat.reset();
  report.mockRestore();
  expect(messages[1]).toMatchObject({ content: "Hello", status: "done" });
  expect(reported.length).toBeGreaterThanOrEqual(4);
  expect(new Set(reported)).toEqual(new Set([failure]));
});
