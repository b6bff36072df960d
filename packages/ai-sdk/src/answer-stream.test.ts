import { getEventListeners } from "node:events";
import type { StreamError } from "@gatestream/client";
import { eventually } from "@gatestream/testing/eventually";
import type { UIMessage } from "ai";
import { expect, test } from "vitest";
import type { UiMessageChunk } from "./index.ts";
import { createPageChat, sdks } from "./testing/page-chat.ts";
import { chatId, startTransport } from "./testing/start-transport.ts";

function userMessage(text: string): UIMessage {
  return { id: "m-1", role: "user", parts: [{ type: "text", text }] };
}

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

test("a reader that leaves only stops reading: the answer continues, and is found behind a newer one that has ended", async () => {
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
  const newer = await under.transport.sendMessages({
    chatId,
    messageId: undefined,
    trigger: "submit-message",
    messages: [userMessage("/scenario many-tokens 2")],
  });
  expect(await read(newer)).toMatchObject({ text: "0 1 " });
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
