import { createClient } from "@gatestream/client";
import { startFaultProxy } from "@gatestream/testing/fault-proxy";
import type { RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { describe, expect, test } from "vitest";
import { createChatTransport } from "./index.ts";
import { createPageChat, sdks, textOf, type PageChatOptions } from "./testing/page-chat.ts";
import { chatId, startTransport } from "./testing/start-transport.ts";

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
