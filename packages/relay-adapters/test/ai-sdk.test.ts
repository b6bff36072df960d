import * as ai6 from "ai";
import { DefaultChatTransport, readUIMessageStream, type UIMessage, type UIMessageChunk } from "ai";
import { expect, test } from "vitest";
import { question, replyTo, ask } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { sdks } from "../../ai-sdk/src/testing/page-chat.ts";
import { aiSdk } from "../src/index.ts";

const chatId = "a-chat-of-the-tests";

function userMessage(text: string, ...parts: UIMessage["parts"]): UIMessage {
  return { id: "m-1", role: "user", parts: [{ type: "text", text }, ...parts] };
}

interface ChatOptions extends RelayUnderTestOptions {
  readonly sdk?: typeof ai6;
}

/** A relay and the AI SDK's own transport to it. */
async function startChat({ sdk = ai6, ...options }: ChatOptions = {}) {
  const under = await startRelay({ adapters: [aiSdk()], ...options });
  const transport = new sdk.DefaultChatTransport({ api: `${under.url}/api/llm/ai-sdk/cfg-1` });

  async function send(
    messages: UIMessage[],
    given: { readonly id?: string; readonly signal?: AbortSignal } = {},
  ) {
    return transport.sendMessages({
      chatId: given.id ?? chatId,
      messages,
      trigger: "submit-message",
      messageId: undefined,
      abortSignal: given.signal,
    });
  }

  return { ...under, transport, send };
}

/** The message that a stream becomes, and the error that ended it. */
async function read(stream: ReadableStream<UIMessageChunk>) {
  const errors: unknown[] = [];
  let message: UIMessage | undefined;
  try {
    const states = readUIMessageStream({ stream, terminateOnError: true });
    for await (const state of states) message = state;
  } catch (error) {
    errors.push(error);
  }
  return { message, errors };
}

function textOf(message: UIMessage | undefined): string {
  return (message?.parts ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
}

test("an answer is one whole message, with its reason and usage", async () => {
  await using chat = await startChat();
  const { message, errors } = await read(await chat.send([userMessage("Hello")]));
  const call = chat.emulator.calls.find(({ kind }) => kind === "chat");
  const native = await replyTo(ask(chat.streamUrl, question("Hello")));
  const whole = native.text
    .split("\n")
    .filter((line) => line.startsWith('data: {"type":"token"'))
    .map((line) => JSON.parse(line.slice(6)).content)
    .join("");
  expect(errors).toEqual([]);
  expect(textOf(message)).toBe(whole);
  expect(message?.metadata).toMatchObject({ reason: "stop", streamId: expect.any(String) });
  expect(call).toMatchObject({ kind: "chat" });
});

test.each(["reasoning", "tool-call", "sources", "file"])(
  "what else an answer is made of comes as parts of the SDK: %s",
  async (scenario) => {
    await using chat = await startChat();
    const { message, errors } = await read(await chat.send([userMessage(`/scenario ${scenario}`)]));
    expect(errors).toEqual([]);
    const types = new Set(message?.parts.map(({ type }) => type));
    const expected = {
      reasoning: "reasoning",
      "tool-call": "dynamic-tool",
      sources: "source-url",
      file: "file",
    }[scenario];
    expect(types).toContain(expected);
    for (const part of message?.parts ?? []) {
      if ("state" in part) expect(part.state).toMatch(/^(?:done|input-available)$/);
    }
  },
);

test.each(["cut", "error-in-middle", "no-stop"])(
  "an answer that broke off is told as an error, never as a whole one: %s",
  async (scenario) => {
    await using chat = await startChat();
    const { errors, message } = await read(await chat.send([userMessage(`/scenario ${scenario}`)]));
    if (scenario === "no-stop") {
      expect(message?.metadata).toMatchObject({ reason: "eof" });
    } else {
      expect(errors).toHaveLength(1);
      expect(message?.metadata).toMatchObject({
        reason: "error",
        error: { code: "gateway_interrupted", retryable: true, requestId: expect.any(String) },
      });
    }
  },
);

test("an answer to the results of tools continues the message that has called them", async () => {
  await using chat = await startChat();
  const asked = userMessage("/scenario tool-call");
  const calling = await read(await chat.send([asked]));
  if (calling.message === undefined) throw new Error("There is no answer.");
  const parts = calling.message.parts.map((part) =>
    part.type === "dynamic-tool" ? { ...part, state: "output-available", output: "Done." } : part,
  ) as UIMessage["parts"];
  const { message } = await read(await chat.send([asked, { ...calling.message, parts }]));
  expect(message?.id).toBe(calling.message.id);
  expect(message?.metadata).toMatchObject({ reason: "stop" });
});

test("a transport's body may name the configuration, options and metadata", async () => {
  await using chat = await startChat({ allowedOptions: ["temperature"] });
  const transport = new DefaultChatTransport({
    api: `${chat.url}/api/llm/ai-sdk`,
    body: { configurationId: "cfg-2", options: { temperature: 0 }, theirs: 1 },
  });
  const stream = await transport.sendMessages({
    chatId,
    messages: [userMessage("Hello")],
    trigger: "submit-message",
    messageId: undefined,
    abortSignal: undefined,
  });
  expect(await read(stream)).toMatchObject({ errors: [] });
  const call = chat.emulator.calls.find(({ kind }) => kind === "chat");
  expect(call?.body).toMatchObject({ configurationId: "cfg-2" });
});

test.each(sdks)("a refusal is an error of $name that says why", async ({ sdk }) => {
  await using chat = await startChat({ allowedConfigurations: ["other"], sdk });
  const failure: Error = await chat.send([userMessage("Hello")]).catch((error) => error);
  expect(JSON.parse(failure.message)).toEqual({
    code: "forbidden",
    message: "You may not use this configurationId.",
    requestId: expect.any(String),
  });
  if (sdk === sdks[2].sdk) {
    expect(failure).toMatchObject({ name: "AI_APICallError", statusCode: 403 });
  }
  expect(chat.emulator.calls).toEqual([]);
});

test("stop leaves the gateway's answer to the grace, and the stop route ends it at once", async () => {
  await using chat = await startChat({ emulator: { scenario: "stall" } });
  const leaving = new AbortController();
  const stream = await chat.send([userMessage("Hello")], { signal: leaving.signal });
  const reader = stream.getReader();
  for (let part = await reader.read(); part.value?.type !== "text-delta";)
    part = await reader.read();
  leaving.abort();
  const response = await fetch(`${chat.url}/api/llm/ai-sdk/cfg-1/${chatId}/stop`, {
    method: "POST",
  });
  expect(response.status).toBe(204);
  expect(await chat.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
  await eventually(async () => {
    expect(await chat.transport.reconnectToStream({ chatId })).toBeNull();
  });
});

test("a chat whose id others might guess is not kept: leaving it aborts the gateway's request", async () => {
  await using chat = await startChat({ emulator: { scenario: "stall" } });
  const leaving = new AbortController();
  const stream = await chat.send([userMessage("Hello")], { id: "short", signal: leaving.signal });
  const reader = stream.getReader();
  for (let part = await reader.read(); part.value?.type !== "text-delta";)
    part = await reader.read();
  leaving.abort();
  expect(await chat.untilObserved("stream_ended")).toMatchObject({
    ending: "cancelled",
    readerLeft: true,
  });
  expect(await chat.transport.reconnectToStream({ chatId: "short" })).toBeNull();
});

type Chat = Awaited<ReturnType<typeof startChat>>;

/** Asks, and leaves when the answer has begun. */
async function askAndLeave({ send }: Chat): Promise<void> {
  const leaving = new AbortController();
  const stream = await send([userMessage("Hello")], { signal: leaving.signal });
  const reader = stream.getReader();
  for (let part = await reader.read(); part.value?.type !== "text-delta";)
    part = await reader.read();
  leaving.abort();
}

/** What a page that resumes gets. */
async function comeBack({ transport }: Chat) {
  const stream = await transport.reconnectToStream({ chatId });
  if (stream === null) throw new Error("There is no answer.");
  return read(stream);
}

test.each(["during", "after"])(
  "a page that was reloaded gets the whole answer, once: %s it",
  async (when) => {
    await using chat = await startChat({ emulator: { tokensPerSecond: 400 } });
    await askAndLeave(chat);
    if (when === "after") await chat.untilObserved("stream_ended");
    const { message, errors } = await comeBack(chat);
    expect(errors).toEqual([]);
    expect(message?.metadata).toMatchObject({ reason: "stop" });
    const chats = chat.emulator.calls.filter(({ kind }) => kind === "chat");
    expect(chats.map(({ sentText }) => sentText)).toEqual([textOf(message)]);
    expect(await chat.transport.reconnectToStream({ chatId })).toBeNull();
  },
);

test("an answer whose beginning is no longer kept is an error", async () => {
  await using chat = await startChat({ emulator: { tokensPerSecond: 400 }, maxLogBytes: 2048 });
  await askAndLeave(chat);
  await chat.untilObserved("stream_ended");
  const { message, errors } = await comeBack(chat);
  expect(errors).toMatchObject([{ message: "A part of the answer is no longer kept." }]);
  expect(message?.metadata).toMatchObject({ reason: "error", error: { code: "truncated" } });
  expect(await chat.transport.reconnectToStream({ chatId })).toBeNull();
});

test("where nothing is kept, nothing is found", async () => {
  await using chat = await startChat({ resume: "off" });
  await read(await chat.send([userMessage("Hello")]));
  expect(await chat.transport.reconnectToStream({ chatId })).toBeNull();
});
