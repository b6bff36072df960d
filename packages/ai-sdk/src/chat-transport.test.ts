import { getEventListeners } from "node:events";
import { createClient, type StreamError } from "@gatestream/client";
import { eventually } from "@gatestream/testing/eventually";
import { startFaultProxy } from "@gatestream/testing/fault-proxy";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import type { UIMessage } from "ai";
import { describe, expect, test } from "vitest";
import { createChatTransport, type UiMessageChunk } from "./index.ts";
import { createPageChat, sdks, textOf, type PageChatOptions } from "./testing/page-chat.ts";

const chatId = "a-chat-of-the-tests";

/** A relay and a transport to it. */
async function startTransport(options: RelayUnderTestOptions = {}) {
  const under = await startRelay(options);
  const client = createClient({ url: `${under.url}/api/llm`, retry: { baseDelayMs: 1 } });
  return {
    ...under,
    transport: createChatTransport({ client, configurationId: "cfg-1" }),
    /** The chats that the gateway was asked. */
    asked: () => under.emulator.calls.filter(({ kind }) => kind === "chat"),
  };
}

function userMessage(text: string): UIMessage {
  return { id: "m-1", role: "user", parts: [{ type: "text", text }] };
}

describe.each(sdks)("useChat of $name", ({ sdk }) => {
  async function startChat(
    options: RelayUnderTestOptions = {},
    init: Omit<PageChatOptions, "sdk"> = {},
  ) {
    const under = await startTransport(options);
    const { transport } = under;
    return { ...under, chat: createPageChat({ sdk, id: chatId, transport, ...init }) };
  }

  test("an answer is one whole message, with its reason and usage", async () => {
    await using under = await startChat();
    await under.chat.sendMessage({ text: "/scenario usage" });
    const { status, error, messages, lastMessage } = under.chat;
    expect({ status, error }).toEqual({ status: "ready", error: undefined });
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(textOf(lastMessage)).toBe(under.asked()[0]?.sentText);
    expect(lastMessage?.metadata).toEqual({
      streamId: lastMessage?.id,
      reason: "stop",
      usage: expect.objectContaining({ outputTokens: expect.any(Number) }),
    });
    await under.chat.regenerate();
    expect(under.chat.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(under.chat.lastMessage?.id).not.toBe(lastMessage?.id);
  });

  test("what else an answer is made of comes as parts of the SDK", async () => {
    await using under = await startChat();
    const partsOf = async (scenario: string) => {
      await under.chat.sendMessage({ text: `/scenario ${scenario}` });
      return under.chat.lastMessage?.parts;
    };
    const done = { state: "done", text: expect.any(String) };
    expect(await partsOf("reasoning")).toMatchObject([
      { type: "step-start" },
      { type: "reasoning", ...done },
      { type: "text", ...done },
    ]);
    expect(await partsOf("sources")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: "source-url", url: "https://example.com/hours" }),
      ]),
    );
    expect(await partsOf("file")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: "file",
          mediaType: "image/png",
          url: expect.stringMatching(/^data:image\/png;base64,iVBOR/),
        }),
      ]),
    );
    expect(await partsOf("unknown-type")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: expect.stringMatching(/^data-/), data: expect.anything() }),
      ]),
    );
    expect(under.chat.error).toBeUndefined();
  });

  test("results of tools are sent back, and the answer to them continues the same message", async () => {
    const calls: unknown[] = [];
    await using under = await startChat(
      {},
      {
        sendAutomaticallyWhen: sdk.lastAssistantMessageIsCompleteWithToolCalls,
        onToolCall({ toolCall: { toolName: tool, toolCallId, input } }) {
          calls.push([tool, input]);
          void under.chat.addToolOutput({ tool, toolCallId, output: `Result of ${tool}.` });
        },
      },
    );
    const { chat } = under;
    void chat.sendMessage({ text: "/scenario tool-call" });
    await chat.until(() => chat.status === "ready" && under.asked().length === 2);
    expect(calls).toEqual([
      ["find_order", { id: 4711 }],
      ["find_customer", { name: "Ada" }],
    ]);
    expect(chat.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    const types = chat.lastMessage?.parts.map(({ type }) => type).join(" ");
    expect(types).toBe("step-start text dynamic-tool dynamic-tool step-start text");
    expect(under.asked()[1]?.body).toMatchObject({
      input: {
        messages: [
          { role: "user" },
          { role: "assistant" },
          { role: "tool", content: "Result of find_order." },
          { role: "tool", content: "Result of find_customer." },
        ],
      },
    });
  });

  test("stop() ends the answer at the gateway, and keeps its text", async () => {
    const finished: unknown[] = [];
    await using under = await startChat(
      { emulator: { scenario: "stall" } },
      { onFinish: ({ isAbort, isError }) => finished.push({ isAbort, isError }) },
    );
    const { chat, emulator } = under;
    void chat.sendMessage({ text: "Hello" });
    await chat.until(() => textOf(chat.lastMessage) !== "");
    await chat.stop();
    expect(await under.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
    await emulator.waitFor(({ state }) => state === "aborted");
    expect(finished).toEqual([{ isAbort: true, isError: false }]);
    expect(chat.status).toBe("ready");
    expect(textOf(chat.lastMessage)).not.toBe("");
    emulator.setScenario("answer");
    await chat.sendMessage({ text: "Once more" });
    expect(chat.lastMessage?.metadata).toMatchObject({ reason: "stop" });
  });

  test("stop() before the answer has begun ends it at the gateway", async () => {
    await using under = await startChat({ emulator: { scenario: "silent" }, firstByteGraceMs: 20 });
    const { chat, emulator } = under;
    const sent = chat.sendMessage({ text: "Hello" });
    await emulator.waitFor(({ kind, scenario }) => kind === "chat" && scenario !== undefined);
    await chat.stop();
    await sent;
    expect(await under.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
    await emulator.waitFor(({ state }) => state === "aborted");
    expect(chat).toMatchObject({ status: "ready", error: undefined });
  });

  test.each(["error-in-middle", "cut"])(
    "an answer that broke off is an error with its code, after its text: %s",
    async (scenario) => {
      await using under = await startChat();
      const { chat } = under;
      await chat.sendMessage({ text: `/scenario ${scenario}` });
      expect(chat.status).toBe("error");
      expect(chat.error).toMatchObject({ code: "gateway_interrupted", retryable: true });
      expect(textOf(chat.lastMessage)).toBe(under.asked()[0]?.sentText);
      expect(chat.lastMessage?.parts.at(-1)).toMatchObject({ type: "text", state: "done" });
      expect(chat.lastMessage?.metadata).toMatchObject({
        reason: "error",
        error: { code: "gateway_interrupted", retryable: true },
      });
    },
  );

  test("an answer that its relay does not keep is truncated when its connection breaks, and no success", async () => {
    await using under = await startTransport({ resume: "off", emulator: { scenario: "stall" } });
    await using proxy = await startFaultProxy(Number(new URL(under.url).port));
    const client = createClient({ url: `http://127.0.0.1:${proxy.port}/api/llm` });
    const transport = createChatTransport({ client, configurationId: "cfg-1" });
    const chat = createPageChat({ sdk, id: chatId, transport });
    const sent = chat.sendMessage({ text: "Hello" });
    await under.emulator.waitFor(({ sentText }) => sentText.length > 0);
    await chat.until(() => textOf(chat.lastMessage) === under.asked()[0]?.sentText);
    proxy.cut();
    await sent;
    expect(chat.error).toMatchObject({ code: "truncated" });
    proxy.restore();
    await chat.resumeStream();
    expect(chat.status).toBe("ready");
  });

  test("a refusal is an error with its code, and nothing is asked of the gateway", async () => {
    await using under = await startChat({ allowedConfigurations: ["other"] });
    await under.chat.sendMessage({ text: "Hello" });
    expect(under.chat.error).toMatchObject({ code: "forbidden", status: 403 });
    expect(under.chat.messages).toHaveLength(1);
    expect(under.asked()).toEqual([]);
  });
});

test("the body of a request has fields of the relay's request, and others are refused by name", async () => {
  await using under = await startTransport({ genesys: { sendMetadata: true } });
  const { transport } = under;
  const ask = { chatId, messageId: undefined, trigger: "submit-message" } as const;
  const messages = [userMessage("Hello")];
  const body = { configurationId: "cfg-2", metadata: { queue: "billing" } };
  const { failure } = await read(await transport.sendMessages({ ...ask, messages, body }));
  expect(failure).toBeUndefined();
  expect(under.asked()[0]?.body).toMatchObject(body);
  const odd = await read(
    await transport.sendMessages({ ...ask, messages, body: { quue: "billing" } }),
  );
  expect(odd.failure).toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining("quue"),
  });
});

test("a chat id that others might guess is refused, with what to do", async () => {
  await using under = await startTransport();
  const { failure } = await read(
    await under.transport.sendMessages({
      chatId: "short",
      messageId: undefined,
      trigger: "submit-message",
      messages: [userMessage("Hello")],
    }),
  );
  expect(failure).toMatchObject({
    code: "invalid_request",
    message: expect.stringMatching(/conversationId.+16/),
  });
});

test("a reader that comes late gets all text before the failure, in few pieces, and leaves no listener", async () => {
  await using under = await startTransport();
  const { signal } = new AbortController();
  const stream = await under.transport.sendMessages({
    chatId,
    messageId: undefined,
    trigger: "submit-message",
    messages: [userMessage("/scenario error-in-middle")],
    abortSignal: signal,
  });
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  await eventually(() => expect(getEventListeners(signal, "abort")).toEqual([]));
  const { text, pieces, failure } = await read(stream);
  expect(text).toBe(under.asked()[0]?.sentText);
  expect(pieces).toBe(1);
  expect(failure).toMatchObject({ code: "gateway_interrupted" });
});

test("a reader that leaves only stops reading: the answer continues", async () => {
  await using under = await startTransport({ emulator: { scenario: "stall" } });
  const { signal } = new AbortController();
  const stream = await under.transport.sendMessages({
    chatId,
    messageId: undefined,
    trigger: "submit-message",
    messages: [userMessage("Hello")],
    abortSignal: signal,
  });
  await untilDelta(stream);
  expect(getEventListeners(signal, "abort")).toEqual([]);
  const again = await under.transport.reconnectToStream({ chatId });
  expect(again).not.toBeNull();
  await again?.cancel();
});

test("the place in the queue, and what the connection does, come as data that is not kept", async () => {
  await using under = await startTransport({
    emulator: { scenario: "stall" },
    maxConcurrentStreams: 1,
    firstByteGraceMs: 0,
  });
  const first = await under.transport.sendMessages({
    chatId,
    messageId: undefined,
    trigger: "submit-message",
    messages: [userMessage("Hello")],
  });
  await untilDelta(first);
  const data: unknown[] = [];
  const { sdk } = sdks[1];
  const chat = createPageChat({
    sdk,
    id: "another-chat-of-the-tests",
    transport: under.transport,
    onData: (part) => data.push(part.data),
  });
  const sent = chat.sendMessage({ text: "Hello" });
  await eventually(() =>
    expect(data).toEqual([
      { type: "status", status: "connecting" },
      { type: "status", status: "queued" },
      { type: "queued", position: 1 },
    ]),
  );
  await chat.stop();
  await sent;
  expect(chat.lastMessage?.parts.every(({ type }) => !type.startsWith("data-"))).toBe(true);
});

/** Reads until the first text, and leaves. */
async function untilDelta(stream: ReadableStream<UiMessageChunk>): Promise<void> {
  for await (const chunk of stream) if (chunk.type === "text-delta") return;
}

/** The text of a stream, and what it failed with. */
async function read(stream: ReadableStream<UiMessageChunk>) {
  let text = "";
  let pieces = 0;
  try {
    for await (const chunk of stream) {
      if (chunk.type !== "text-delta") continue;
      text += chunk.delta;
      pieces += 1;
    }
    return { text, pieces };
  } catch (failure) {
    return { text, pieces, failure: failure as StreamError };
  }
}
