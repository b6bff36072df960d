import { expect, test, vi } from "vitest";
import type { StreamError } from "../stream-error.ts";
import { createClient } from "../create-client.ts";
import { createTestTransport, type TestEvent } from "../transport/test/test-transport.ts";
import type { ChatOptions } from "./chat-options.ts";
import { createChat } from "./create-chat.ts";
import { createMemoryPersistence } from "./testing/memory-persistence.ts";
import { ended } from "./testing/relay-chat.ts";
import { until } from "./testing/until.ts";

const calls = (callId: string, json = '{"id":4711}') =>
  ({ type: "tool_call", callId, name: "find_order", arguments: json, isComplete: true }) as const;
const called = { type: "stop", reason: "tool_calls" } as const;
const call = (callId: string) => ({ callId, name: "find_order", arguments: '{"id":4711}' });

/** A chat with answers in their order, the last one again and again. */
function chatOf(answers: readonly (readonly TestEvent[])[], options: Partial<ChatOptions> = {}) {
  const transport = createTestTransport(function* () {
    yield* answers[Math.min(transport.requests.length, answers.length) - 1] ?? [];
  });
  const chat = createChat(createClient({ transport, retry: false }), {
    configurationId: "cfg-1",
    ...options,
  });
  return { chat, transport };
}

/** The snapshot in which nothing is running any more. */
const idle = (chat: ReturnType<typeof createChat>) => until(chat, ({ isRunning }) => !isRunning);

test("the results of an answer's calls are sent, and the next answer follows by itself", async () => {
  const onToolCall = vi.fn<NonNullable<ChatOptions["onToolCall"]>>(async ({ callId }) =>
    callId === "c1" ? { status: "sent" } : "unknown",
  );
  const { chat, transport } = chatOf(
    [["I look.", calls("c1"), calls("c2"), called], ["It was sent."]],
    { onToolCall },
  );
  chat.send("Where is my order?");
  const { messages, status } = await idle(chat);
  expect(status).toBe("done");
  expect(transport.requests[1]?.messages).toEqual([
    { role: "user", content: "Where is my order?" },
    { role: "assistant", content: "I look.", toolCalls: [call("c1"), call("c2")] },
    { role: "tool", toolCallId: "c1", content: '{"status":"sent"}' },
    { role: "tool", toolCallId: "c2", content: "unknown" },
  ]);
  expect(messages.map(({ role, content }) => [role, content])).toEqual([
    ["user", "Where is my order?"],
    ["assistant", "I look."],
    ["assistant", "It was sent."],
  ]);
  expect(messages[1]?.parts?.[1]).toEqual({ ...calls("c1"), result: '{"status":"sent"}' });
  expect(onToolCall.mock.calls.map(([{ callId }]) => callId)).toEqual(["c1", "c2"]);
  chat.send("Thanks");
  await idle(chat);
  // A later question has them, too.
  expect(transport.requests[2]?.messages.slice(0, 4)).toEqual(transport.requests[1]?.messages);
});

test("while tools are called the conversation is running, and stop() ends it", async () => {
  let aborted: AbortSignal | undefined;
  const { chat, transport } = chatOf([[calls("c1"), called], ["Never."]], {
    onToolCall: (_, { signal }) => {
      aborted = signal;
      return new Promise(() => {});
    },
  });
  chat.send("Hello");
  await until(chat, () => aborted !== undefined);
  expect(chat.getSnapshot()).toMatchObject({
    isRunning: true,
    canSend: false,
    status: "connecting",
  });
  expect(chat.send("Again")).toBe(false);
  chat.stop();
  expect(aborted?.aborted).toBe(true);
  expect(chat.getSnapshot()).toMatchObject({ isRunning: false, status: "done" });
  // A call without a result is not sent.
  chat.send("Again");
  await idle(chat);
  expect(transport.requests.at(-1)?.messages).toEqual([
    { role: "user", content: "Hello" },
    { role: "user", content: "Again" },
  ]);
});

test("a tool that fails ends the conversation with an error, and retry calls it again", async () => {
  const onError = vi.fn<(error: StreamError) => void>();
  const cause = new Error("No such order.");
  const onToolCall = vi
    .fn<NonNullable<ChatOptions["onToolCall"]>>()
    .mockRejectedValueOnce(cause)
    .mockResolvedValueOnce("sent");
  const { chat, transport } = chatOf([[calls("c1"), called], ["It was sent."]], {
    onToolCall,
    onError,
  });
  chat.send("Hello");
  const { error, status } = await idle(chat);
  expect(status).toBe("error");
  expect(error).toMatchObject({ code: "tool", cause });
  expect(onError.mock.calls).toEqual([[error]]);
  expect(transport.requests).toHaveLength(1);
  expect(chat.retry()).toBe(true);
  const { messages, error: none } = await until(chat, (now) => now.status === "done");
  expect(none).toBeUndefined();
  expect(messages.map(({ content }) => content)).toEqual(["Hello", "", "It was sent."]);
});

test("of several calls, retry repeats those that have failed alone", async () => {
  const asked: string[] = [];
  const { chat, transport } = chatOf([[calls("c1"), calls("c2"), called], ["Done."]], {
    async onToolCall({ callId }) {
      asked.push(callId);
      if (asked.length === 2) throw new Error("Not now.");
      return "sent";
    },
  });
  chat.send("Hello");
  const { messages, error } = await idle(chat);
  expect(error).toMatchObject({ code: "tool" });
  expect(messages[1]?.parts).toEqual([{ ...calls("c1"), result: "sent" }, calls("c2")]);
  chat.retry();
  await until(chat, ({ status }) => status === "done");
  expect(asked).toEqual(["c1", "c2", "c2"]);
  expect(transport.requests[1]?.messages.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "tool",
  ]);
});

test("answers that call tools again and again are stopped, and each retry allows one more", async () => {
  const { chat, transport } = chatOf([[calls("c1"), called]], {
    onToolCall: () => "sent",
    maxToolRounds: 2,
  });
  chat.send("Hello");
  expect((await idle(chat)).error).toMatchObject({ code: "tool" });
  expect(transport.requests).toHaveLength(3);
  chat.retry();
  expect((await idle(chat)).error).toMatchObject({ code: "tool" });
  expect(transport.requests).toHaveLength(4);
});

test("a queued question waits for the answer after the tools", async () => {
  const { chat, transport } = chatOf([[calls("c1"), called], ["It was sent."], ["Goodbye."]], {
    onToolCall: () => {
      chat.send("Thanks");
      return "sent";
    },
    whileRunning: "queue",
  });
  chat.send("Hello");
  const { messages } = await until(chat, (now) => now.messages.at(-1)?.content === "Goodbye.");
  expect(messages.map(({ content }) => content)).toEqual([
    "Hello",
    "",
    "It was sent.",
    "Thanks",
    "Goodbye.",
  ]);
  expect(transport.requests).toHaveLength(3);
});

test("without onToolCall calls are only shown; one that is not whole is not called", async () => {
  const shown = chatOf([[calls("c1"), called]]);
  shown.chat.send("Hello");
  expect((await ended(shown.chat)).messages[1]?.parts).toEqual([calls("c1")]);
  const onToolCall = vi.fn<() => void>();
  const half = { type: "tool_call", callId: "c1", name: "find_order", argumentsDelta: '{"i' };
  const cut = chatOf([[half, { type: "stop", reason: "length" }]], { onToolCall });
  cut.chat.send("Hello");
  expect((await ended(cut.chat)).status).toBe("done");
  expect(onToolCall).not.toHaveBeenCalled();
});

test("calls and results are saved, and sent after a reload", async () => {
  const persist = createMemoryPersistence();
  const before = chatOf([[calls("c1"), called], ["It was sent."]], {
    onToolCall: () => "sent",
    persist,
  });
  before.chat.send("Hello");
  const { messages } = await idle(before.chat);
  const after = chatOf([["Goodbye."]], { persist });
  expect(after.chat.getSnapshot().messages).toEqual(messages);
  after.chat.send("Thanks");
  await idle(after.chat);
  expect(after.transport.requests[0]?.messages).toEqual([
    { role: "user", content: "Hello" },
    { role: "assistant", content: "", toolCalls: [call("c1")] },
    { role: "tool", toolCallId: "c1", content: "sent" },
    { role: "assistant", content: "It was sent." },
    { role: "user", content: "Thanks" },
  ]);
});

test("tool calls and results that a page itself has put into the conversation are sent", async () => {
  const { chat, transport } = chatOf([["Hello."]]);
  chat.setMessages([
    { role: "user", content: "Where is it?" },
    { role: "assistant", content: "", toolCalls: [call("c1")] },
    { role: "tool", toolCallId: "c1", content: "sent" },
    { role: "assistant", content: "It was sent." },
  ]);
  chat.send("Thanks");
  await idle(chat);
  expect(transport.requests[0]?.messages[1]).toEqual({
    role: "assistant",
    content: "",
    toolCalls: [call("c1")],
  });
  expect(transport.requests[0]?.messages[2]).toEqual({
    role: "tool",
    toolCallId: "c1",
    content: "sent",
  });
});
