import { eventuallyTrue } from "@gatestream/testing/eventually";
import { expect, inject, test, vi } from "vitest";
import { createClient } from "../create-client.ts";
import type { StreamError } from "../stream-error.ts";
import { ask, gatewayCall } from "../testing/gateway-call.ts";
import { createHandMadeRelay, fails, refuses, sends } from "../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";
import type { ChatOptions } from "./chat-options.ts";
import type { Chat } from "./chat.ts";
import { createChat } from "./create-chat.ts";
import { createMemoryPersistence } from "./testing/memory-persistence.ts";
import { ended, transcript } from "./testing/relay-chat.ts";
import { until } from "./testing/until.ts";

const newId = () => `case:${Math.random().toString(36).slice(2)}:${Date.now()}`;

/** A page of its own with a conversation, and the paths of what it has asked for. */
function pageOf(options: Partial<ChatOptions>) {
  const paths: string[] = [];
  const client = createClient({
    url: inject("servers").relayUrl,
    resumable: true,
    retry: false,
    fetch(url, init) {
      paths.push(`${init?.method ?? "GET"} ${String(url).replace(/.*\/api\/llm/, "")}`);
      return fetch(url, init);
    },
  });
  return { chat: createChat(client, { configurationId: "cfg-1", ...options }), client, paths };
}

/** Asks for an answer that falls silent after some tokens. */
async function stallingAnswer(chat: Chat) {
  const { question, request } = ask("stall");
  chat.send(String(request.messages[0]?.content));
  const { messages } = await hasText(chat);
  return { question, text: messages.at(-1)?.content ?? "" };
}

const hasText = (chat: Chat) =>
  until(
    chat,
    ({ messages }) => messages.at(-1)?.role === "assistant" && messages.at(-1)?.content !== "",
  );

test("an answer that another page has asked for is shown, followed, and can be stopped", async () => {
  const conversationId = newId();
  const first = pageOf({ conversationId });
  const { question, text } = await stallingAnswer(first.chat);
  const second = pageOf({ conversationId });
  const { messages } = await until(second.chat, (now) => now.messages.at(-1)?.content === text);
  expect(messages).toMatchObject([{ role: "assistant", status: "streaming" }]);
  expect(second.chat.send("Meanwhile")).toBe(false);
  second.chat.stop();
  await gatewayCall({ question, state: "aborted" });
  expect((await ended(first.chat)).messages.at(-1)).toMatchObject({
    content: text,
    status: "cancelled",
    reason: "cancelled",
  });
});

test("one request asks for it when the chat begins, and none without a conversationId", async () => {
  const conversationId = newId();
  const { chat, paths } = pageOf({ conversationId });
  await eventuallyTrue(() => paths.length > 0);
  const { request } = ask();
  chat.send(String(request.messages[0]?.content));
  await ended(chat);
  const path = `/conversations/${encodeURIComponent(conversationId)}/streams`;
  expect(paths).toEqual([`GET ${path}`, "POST /stream"]);
  const other = pageOf({});
  other.chat.send(String(ask().request.messages[0]?.content));
  await ended(other.chat);
  expect(other.paths).toEqual(["POST /stream"]);
});

test("what another page has saved is shown with the answer, and known from then on", async () => {
  const conversationId = newId();
  const persist = createMemoryPersistence();
  const second = pageOf({ conversationId, persist });
  const first = pageOf({ conversationId, persist });
  await eventuallyTrue(() => second.paths.length + first.paths.length === 2);
  const { text } = await stallingAnswer(first.chat);
  await eventuallyTrue(() => persist.saved?.checkpoint !== undefined);
  second.chat.resume();
  const { messages } = await until(second.chat, (now) => now.messages.at(-1)?.content === text);
  expect(messages.map(({ id }) => id)).toEqual(
    first.chat.getSnapshot().messages.map(({ id }) => id),
  );
  first.chat.stop();
  expect((await ended(second.chat)).messages.at(-1)?.status).toBe("cancelled");
});

test("an own answer that was saved is resumed without asking", async () => {
  const conversationId = newId();
  const persist = createMemoryPersistence();
  const before = pageOf({ conversationId, persist });
  const { text } = await stallingAnswer(before.chat);
  before.chat.dispose();
  const after = pageOf({ conversationId, persist });
  await until(after.chat, (now) => now.messages.at(-1)?.content === text && now.isRunning);
  expect(after.paths).toEqual([expect.stringMatching(/^GET \/stream\//)]);
  after.chat.stop();
});

test.runIf(typeof document === "object")(
  "a page that is visible again asks again, until its conversation is disposed of",
  async () => {
    const conversationId = newId();
    const second = pageOf({ conversationId });
    await eventuallyTrue(() => second.paths.length === 1);
    const first = pageOf({ conversationId });
    const { text } = await stallingAnswer(first.chat);
    globalThis.dispatchEvent(new Event("online"));
    await until(second.chat, (now) => now.messages.at(-1)?.content === text);
    first.chat.stop();
    await ended(second.chat);
    first.chat.dispose();
    second.chat.dispose();
    const { length } = second.paths;
    globalThis.dispatchEvent(new Event("online"));
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    expect(second.paths).toHaveLength(length);
  },
);

test("a conversation id that is too short is refused as the relay says it", async () => {
  const onError = vi.fn<(error: StreamError) => void>();
  const { chat } = pageOf({ conversationId: "case:4711", onError });
  await eventuallyTrue(() => onError.mock.calls.length > 0);
  const refusal = { code: "invalid_request", status: 400, message: expect.stringMatching(/16/) };
  expect(onError.mock.calls[0]?.[0]).toMatchObject(refusal);
  chat.send("Hello");
  expect((await ended(chat)).error).toMatchObject(refusal);
});

test("a relay that cannot be reached is no error before anything is asked of it", async () => {
  const onError = vi.fn<() => void>();
  const relay = createHandMadeRelay(fails(), refuses(503, "overloaded"));
  const client = createClient({ url: "/", fetch: relay.fetch });
  const chat = createChat(client, { configurationId: "cfg-1", conversationId: "c", onError });
  await relay.request(1);
  chat.resume();
  await relay.request(2);
  await new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
  expect(onError).not.toHaveBeenCalled();
  expect(chat.getSnapshot()).toMatchObject({ messages: [], status: "idle" });
});

test("an own answer that was stopped is not taken for another page's", async () => {
  const kept = { ...start, resumable: true };
  const streams = [{ streamId: "s-1", status: "running", startedAt: 0, lastId: 1 }];
  const relay = createHandMadeRelay(
    () => Response.json({ streams: [] }),
    sends(numberedText(1, kept, token("Hel")), "hang"),
    () => new Response(null, { status: 204 }),
    () => Response.json({ streams }),
  );
  const client = createClient({ url: "/", fetch: relay.fetch, resumable: true });
  const chat = createChat(client, { configurationId: "cfg-1", conversationId: "c" });
  await relay.request(1);
  chat.send("Hello");
  await hasText(chat);
  chat.stop();
  await relay.request(3);
  chat.resume();
  await relay.request(4);
  await new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
  expect(transcript(chat.getSnapshot())).toEqual(["user: Hello", "assistant: Hel"]);
  expect(chat.getSnapshot().isRunning).toBe(false);
});

test("a page does not call the tools of an answer that another page has asked for", async () => {
  const call = {
    type: "tool_call",
    callId: "c1",
    name: "find",
    arguments: "{}",
    isComplete: true,
  } as const;
  const streams = [{ streamId: "s-1", status: "running", startedAt: 0, lastId: 0 }];
  const kept = { ...start, resumable: true };
  const relay = createHandMadeRelay(
    () => Response.json({ streams }),
    sends(numberedText(1, kept, token("I look."), call, stop)),
  );
  const onToolCall = vi.fn<() => void>();
  const client = createClient({ url: "/", fetch: relay.fetch });
  const chat = createChat(client, { configurationId: "cfg-1", conversationId: "c", onToolCall });
  expect(transcript(await ended(chat))).toEqual(["assistant: I look."]);
  expect(relay.requests.map(({ path }) => path)).toEqual([
    "/conversations/c/streams",
    "/stream/s-1",
  ]);
  expect(onToolCall).not.toHaveBeenCalled();
});
