import { createClient, type ClientOptions, type OtherTransportOptions } from "@gatestream/client";
import { poll } from "@gatestream/client/poll";
import { webSocketTransport } from "@gatestream/client/websocket";
import { startFaultProxy } from "@gatestream/testing/fault-proxy";
import { describeEachLog, startRelays } from "@gatestream/testing/two-relays";
import type { UIMessage } from "ai";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { createChatTransport } from "./index.ts";
import { createPageChat, sdks, textOf } from "./testing/page-chat.ts";
import { chatId } from "./testing/start-transport.ts";

const [, { sdk: ai6 }] = sdks;
const retry = { baseDelayMs: 1 };
const tokens = ["0 ", "1 ", "2 ", "3 ", "4 "];
const question = `/scenario many-tokens ${tokens.length}`;

function transportOver(options: ClientOptions | OtherTransportOptions) {
  return createChatTransport({ client: createClient(options), configurationId: "cfg-1" });
}

const ways = {
  fetch: (url: string) => transportOver({ url, retry }),
  "a WebSocket": (url: string) =>
    transportOver({ transport: webSocketTransport({ url, WebSocket, keepOpenMs: 0 }), retry }),
  "long polls": (url: string) => transportOver({ url, retry, fallback: poll }),
};
const cases = [
  ...sdks.map(({ name, sdk }) => ({ name, sdk, way: "fetch" as const })),
  { name: "ai 6", sdk: ai6, way: "a WebSocket" as const },
  { name: "ai 6", sdk: ai6, way: "long polls" as const },
];

test.each(cases)(
  "a connection that breaks after every token is made up for, and nothing shows: $name over $way",
  async ({ sdk, way }) => {
    await using relays = await startRelays("memory", { gateway: { hold: "pieces" } });
    const { gateway, here } = relays;
    await using proxy = await startFaultProxy(Number(new URL(here.url).port));
    const statuses: unknown[] = [];
    const chat = createPageChat({
      sdk,
      id: chatId,
      transport: ways[way](`http://127.0.0.1:${proxy.port}/api/llm`),
      onData: ({ data }) => statuses.push((data as { status?: string }).status),
    });
    const sent = chat.sendMessage({ text: question });
    for (const end of tokens.keys()) {
      await gateway.release();
      await chat.until(() => textOf(chat.lastMessage) === tokens.slice(0, end + 1).join(""));
      proxy.cut();
      proxy.restore();
    }
    await gateway.release();
    await sent;
    expect(chat).toMatchObject({ status: "ready", error: undefined });
    expect(chat.lastMessage?.parts).toMatchObject([
      { type: "step-start" },
      { type: "text", text: tokens.join(""), state: "done" },
    ]);
    expect(chat.lastMessage?.metadata).toMatchObject({ reason: "stop" });
    expect(statuses).toContain("reconnecting");
    expect(statuses).not.toContain("done");
    expect(gateway.chatCount).toBe(1);
  },
);

describeEachLog("a page that is reloaded in mid-answer", (kind) => {
  test.each(kind === "memory" ? sdks : [sdks[1]])(
    "gets the whole of it, and no other one is asked for: $name",
    async ({ sdk }) => {
      await using relays = await startRelays(kind, { gateway: { hold: "pieces" } });
      const { gateway, here, there } = relays;
      await using proxy = await startFaultProxy(Number(new URL(here.url).port));
      const before = createPageChat({
        sdk,
        id: chatId,
        transport: ways.fetch(`http://127.0.0.1:${proxy.port}/api/llm`),
      });
      void before.sendMessage({ text: question });
      await gateway.release(2);
      await before.until(() => textOf(before.lastMessage) === "0 1 ");
      proxy.cut();

      // What the page has saved: the beginning of the answer, too.
      const transport = ways.fetch(`${there.url}/api/llm`);
      const after = createPageChat({ sdk, id: chatId, transport, messages: before.messages });
      const resumed = after.resumeStream();
      await after.until(() => after.status === "streaming");
      await gateway.release(tokens.length - 1);
      await resumed;
      expect(after).toMatchObject({ status: "ready", error: undefined });
      expect(after.messages.map(({ id }) => id)).toEqual(before.messages.map(({ id }) => id));
      expect(textOf(after.lastMessage)).toBe(tokens.join(""));
      expect(after.lastMessage?.metadata).toMatchObject({ reason: "stop" });
      expect(gateway.chatCount).toBe(1);

      const { messages } = after;
      await after.resumeStream();
      expect(after.messages).toBe(messages);
      expect(after.status).toBe("ready");
      proxy.restore();
      await before.until(() => before.status === "ready");
      expect(textOf(before.lastMessage)).toBe(tokens.join(""));
    },
  );

  test("gets an answer that has ended meanwhile, once", async () => {
    // Node has none.
    const stored = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
      removeItem: (key: string) => stored.delete(key),
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    await using relays = await startRelays(kind, { gateway: { hold: "pieces" } });
    const { gateway, here, there } = relays;
    await using proxy = await startFaultProxy(Number(new URL(here.url).port));
    const before = createPageChat({
      sdk: ai6,
      id: chatId,
      transport: ways.fetch(`http://127.0.0.1:${proxy.port}/api/llm`),
    });
    void before.sendMessage({ text: question });
    await gateway.release();
    await before.until(() => textOf(before.lastMessage) === "0 ");
    proxy.cut();
    await gateway.release(tokens.length);
    await here.untilObserved("stream_ended");

    const transport = ways.fetch(`${there.url}/api/llm`);
    const after = createPageChat({ sdk: ai6, id: chatId, transport, messages: before.messages });
    await after.resumeStream();
    expect(after.messages).toHaveLength(2);
    expect(textOf(after.lastMessage)).toBe(tokens.join(""));
    expect(stored).toEqual(new Map());
    expect(await transport.reconnectToStream({ chatId })).toBeNull();
  });
});

describe.each(sdks)("an answer that $name has resumed", ({ sdk }) => {
  /** A page that follows an answer which another has asked for. */
  async function startResumed() {
    const relays = await startRelays("memory", { gateway: { emulator: { scenario: "stall" } } });
    const transport = ways.fetch(`${relays.here.url}/api/llm`);
    const asked = createPageChat({ sdk, id: chatId, transport });
    void asked.sendMessage({ text: "Hello" });
    await asked.until(() => textOf(asked.lastMessage) !== "");
    const [message] = asked.messages as [UIMessage];
    const chat = createPageChat({ sdk, id: chatId, transport, messages: [message] });
    return { relays, chat, isResumed: () => textOf(chat.lastMessage) !== "Hello" };
  }

  test("is ended at the gateway by stop()", async () => {
    const { relays, chat, isResumed } = await startResumed();
    await using _ = relays;
    void chat.resumeStream();
    await chat.until(isResumed);
    await chat.stop();
    expect(await relays.here.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
    expect(chat).toMatchObject({ status: "ready", error: undefined });
  });

  test("continues when it is resumed once more, as React's StrictMode does", async () => {
    const { relays, chat, isResumed } = await startResumed();
    await using _ = relays;
    void chat.resumeStream();
    void chat.resumeStream();
    await chat.until(isResumed);
    const { messages } = chat;
    void chat.resumeStream();
    await chat.until(() => chat.messages !== messages && chat.status === "streaming");
    expect(relays.here.observed.filter(({ type }) => type === "stream_ended")).toEqual([]);
    await chat.stop();
    await relays.here.untilObserved("stream_ended");
  });
});
