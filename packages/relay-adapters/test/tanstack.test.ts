import { toolDefinition } from "@tanstack/ai/client";
import { ChatClient, type ChatClientOptions, fetchServerSentEvents } from "@tanstack/ai-client";
import { describe, expect, test } from "vitest";
import {
  type BodyFault,
  type BreakingProxy,
  startBreakingProxy,
} from "@gatestream/testing/breaking-proxy";
import { eventually } from "@gatestream/testing/eventually";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import {
  type RelaysUnderTestOptions,
  startRelays,
  startTwoRelays,
} from "@gatestream/testing/two-relays";
import { agUi } from "../src/index.ts";

const adapters = [agUi()];

interface Chunk {
  readonly type: string;
  readonly delta?: string;
  readonly runId?: string;
}

interface ChatOptions {
  readonly fetchClient?: typeof fetch;
  readonly initialResumeSnapshot?: NonNullable<ChatClientOptions["initialResumeSnapshot"]>;
}

/** Where the request of a number goes, from 0, and what becomes of its response. */
interface Routing {
  readonly to: (index: number) => BreakingProxy;
  readonly cut?: (index: number) => BodyFault["cut"];
}

/** A load balancer. */
function routed({ to, cut }: Routing) {
  let count = 0;
  const fetchClient: typeof fetch = (url, init) => {
    const proxy = to(count);
    const fault = cut?.(count);
    count += 1;
    if (fault !== undefined) proxy.breakNext({ cut: fault });
    const { pathname, search } = new URL(String(url));
    return fetch(new URL(pathname + search, proxy.url), init);
  };
  return {
    fetchClient,
    get count() {
      return count;
    },
  };
}

function connectionTo(url: string, fetchClient: typeof fetch = fetch) {
  // Its own pause of 250 ms is what no test here is about.
  const options = { reconnect: { delayMs: 1 }, fetchClient };
  return fetchServerSentEvents(`${url}/api/llm/ag-ui/cfg-1`, options);
}

/** TanStack AI's own client, without a page around it. */
function chatAt(url: string, { fetchClient, ...options }: ChatOptions = {}) {
  const chunks: Chunk[] = [];
  const errors: Error[] = [];
  const client = new ChatClient({
    ...options,
    connection: connectionTo(url, fetchClient),
    onChunk: (chunk) => void chunks.push({ ...chunk } as Chunk),
    onError: (error) => void errors.push(error),
  });
  return {
    client,
    chunks,
    errors,
    get text() {
      const answer = client.getMessages().findLast(({ role }) => role === "assistant");
      return (answer?.parts ?? [])
        .map((part) => (part.type === "text" ? part.content : ""))
        .join("");
    },
    get runId() {
      return chunks.find(({ type }) => type === "RUN_STARTED")?.runId ?? "";
    },
  };
}

async function ask(url: string, question: string, fetchClient?: typeof fetch) {
  const chat = chatAt(url, fetchClient && { fetchClient });
  await chat.client.sendMessage(question);
  return chat;
}

async function wholeOf(run: AsyncIterable<object>, chunks: Chunk[] = []): Promise<Chunk[]> {
  for await (const chunk of run) chunks.push({ ...chunk } as Chunk);
  return chunks;
}

function typesOf(chunks: readonly Chunk[]): readonly unknown[] {
  return chunks.map(({ type, delta }) => [type, delta]);
}

function startChat(options: RelayUnderTestOptions = {}) {
  return startRelay({ adapters, ...options });
}

/** What a client has made of a run, whatever the run's own id is. */
function madeOf({ client, chunks, errors }: Awaited<ReturnType<typeof ask>>) {
  const { parts } = client.getMessages().at(-1) ?? {};
  // Where a connection broke behind the end, it is sent again.
  const events = chunks.filter(
    ({ type }, at) => type !== "RUN_FINISHED" || chunks[at - 1]?.type !== type,
  );
  return { parts, events: typesOf(events), errors, status: client.getStatus() };
}

// At once: one of them waits for a lease to lapse.
describe.concurrent("TanStack AI", () => {
  describe.skipIf(whyNoRedis)(`two relays on one Redis ${whyNoRedis ?? ""}`, () => {
    async function startBoth(options: RelaysUnderTestOptions = {}) {
      const relays = await startTwoRelays({ adapters, gateway: { hold: "pieces" }, ...options });
      const [here, there] = await Promise.all([
        startBreakingProxy(relays.here.url),
        startBreakingProxy(relays.there.url),
      ]);
      return {
        relays,
        here,
        there,
        async [Symbol.asyncDispose]() {
          await Promise.all([here[Symbol.asyncDispose](), there[Symbol.asyncDispose]()]);
          await relays[Symbol.asyncDispose]();
        },
      };
    }

    test("have one run: each connection breaks after one event, and the next goes to the other", async () => {
      await using both = await startBoth();
      const { relays, here, there } = both;
      const routing = routed({
        to: (index) => (index % 2 === 0 ? here : there),
        cut: (index) => (index < 8 ? { afterEvents: 1, by: "close" } : undefined),
      });
      const asked = ask(here.url, "/scenario many-tokens 5", routing.fetchClient);
      for (let piece = 0; piece < 6; piece += 1) await relays.gateway.release();
      const { errors, text, chunks } = await asked;
      expect([errors, text, relays.gateway.chatCount]).toEqual([[], "0 1 2 3 4 ", 1]);
      expect([routing.count, chunks.length]).toEqual([9, 9]);
    });

    test("a relay that stops sends its readers to the other, and holds back who asks it again", async () => {
      await using both = await startBoth({ shutdownGraceMs: 600_000 });
      const { relays, here, there } = both;
      const { fetchClient } = routed({
        // Until the load balancer knows, the one that stops is asked twice more.
        to: (index) => (index < 4 ? here : there),
        // So the next connection has had nothing when the relay stops.
        cut: (index) => (index === 0 ? { afterEvents: 4, by: "close" } : undefined),
      });
      const chat = chatAt(here.url, { fetchClient });
      const sent = chat.client.sendMessage("/scenario many-tokens 5");
      await relays.gateway.release(2);
      await relays.here.untilObserved("reader_resumed");
      expect(chat.text).toBe("0 1 ");
      const closed = relays.here.relay.close();
      const joined: Chunk[] = [];
      const { runId } = chat;
      const joining = wholeOf(connectionTo(here.url, fetchClient).joinRun(runId), joined);
      await eventually(async () => expect(joined).not.toEqual([]));
      await relays.gateway.release(4);
      await Promise.all([sent, joining]);
      expect([chat.errors, chat.text]).toEqual([[], "0 1 2 3 4 "]);
      expect(typesOf(joined)).toEqual(typesOf(chat.chunks));
      await closed;
    });

    test("a run whose relay has died ends with an error", async () => {
      await using both = await startBoth();
      const { relays, here, there } = both;
      const { fetchClient } = routed({
        to: (index) => (index === 0 ? here : there),
        cut: (index) => (index === 0 ? { afterEvents: 3, by: "close" } : undefined),
      });
      const asked = ask(here.url, "/scenario many-tokens 5", fetchClient);
      await relays.gateway.release();
      relays.link.cut();
      const { errors, client } = await asked;
      expect(errors).toMatchObject([{ code: "producer_lost" }]);
      expect(client.getStatus()).toBe("error");
    });
  });

  test("text, reasoning, usage and calls of tools are parts of one message", async () => {
    await using under = await startChat();
    const { url } = under;
    const reasoning = await ask(url, "/scenario reasoning");
    expect(reasoning.client.getMessages()[1]?.parts).toMatchObject([
      { type: "thinking", content: "They ask a question. I should be brief." },
      { type: "text", content: expect.stringContaining("How this works") },
    ]);
    const calls = await ask(url, "/scenario tool-call");
    expect(calls.client.getMessages()[1]?.parts).toMatchObject([
      { type: "text" },
      { type: "tool-call", name: "find_order", input: { id: 4711 } },
      { type: "tool-call", name: "find_customer", input: { name: "Ada" } },
    ]);
    const usage = await ask(url, "/scenario usage");
    expect(usage.chunks.at(-1)).toMatchObject({ usage: { promptTokens: expect.any(Number) } });
    expect([reasoning, calls, usage].flatMap(({ errors }) => errors)).toEqual([]);
  });

  test("the result of a page's tool is sent, and answered", async () => {
    await using under = await startChat({ allowedOptions: ["tools"] });
    const { url, emulator } = under;
    const { client, errors } = await ask(url, "/scenario tool-call");
    for (const [tool, toolCallId] of [
      ["find_order", "call_1"],
      ["find_customer", "call_2"],
    ] as const) {
      await client.addToolResult({ tool, toolCallId, output: { found: true } });
    }
    expect(errors).toEqual([]);
    expect(client.getMessages().at(-1)?.parts.at(-1)).toMatchObject({
      type: "text",
      content: expect.stringContaining("How this works"),
    });
    expect(emulator.calls.filter(({ kind }) => kind === "chat")).toHaveLength(2);
  });

  test.each(["cut", "error-in-middle"])(
    "a run that broke off is an error: %s",
    async (scenario) => {
      await using under = await startChat();
      const { url } = under;
      const { client, errors, text } = await ask(url, `/scenario ${scenario}`);
      expect(errors).toMatchObject([{ code: "gateway_interrupted" }]);
      expect(client.getStatus()).toBe("error");
      expect(text).not.toBe("");
    },
  );

  describe.each(["close", "end"] as const)("a response that is cut after any event: %s", (by) => {
    test("is resumed exactly", async () => {
      await using under = await startChat();
      const { url, emulator } = under;
      await using proxy = await startBreakingProxy(url);
      const whole = await ask(url, "/scenario tool-call");
      for (const index of whole.chunks.keys()) {
        proxy.breakNext({ cut: { afterEvents: index + 1, by } });
        const resumed = await ask(proxy.url, "/scenario tool-call");
        expect(madeOf(resumed)).toEqual(madeOf(whole));
      }
      // No answer was asked for twice.
      const chats = emulator.calls.filter(({ kind }) => kind === "chat");
      expect(chats).toHaveLength(1 + whole.chunks.length);
    });
  });

  test("a run is joined from its start, also over connections that break after each event", async () => {
    await using under = await startChat();
    const { url } = under;
    await using proxy = await startBreakingProxy(url);
    const { runId, chunks } = await ask(url, "/scenario many-tokens 3");
    const { fetchClient } = routed({
      to: () => proxy,
      cut: (index) => (index < chunks.length ? { afterEvents: 1, by: "close" } : undefined),
    });
    const joined = await wholeOf(connectionTo(proxy.url, fetchClient).joinRun(runId));
    // The last connection broke behind the end, which is sent again then.
    const [end] = joined.splice(-1);
    expect(typesOf(joined)).toEqual(typesOf(chunks));
    expect(end?.type).toBe("RUN_FINISHED");
  });

  test("a page that was reloaded joins its run while it goes on", async () => {
    await using relays = await startRelays("memory", { adapters, gateway: { hold: "pieces" } });
    const { gateway, here } = relays;
    const before = chatAt(here.url);
    const sent = before.client.sendMessage("/scenario many-tokens 3");
    await gateway.release();
    await eventually(async () => expect(before.text).toBe("0 "));
    before.client.dispose();
    const resumeState = { threadId: "a-thread", runId: before.runId };
    const after = chatAt(here.url, { initialResumeSnapshot: { resumeState } });
    after.client.attach();
    await eventually(async () => expect(after.text).toBe("0 "));
    await gateway.release(3);
    await eventually(async () => expect(after.text).toBe("0 1 2 "));
    await eventually(async () => expect(after.client.getStatus()).toBe("ready"));
    expect([before.errors, after.errors, gateway.chatCount]).toEqual([[], [], 1]);
    await sent;
  });

  test("a run that is not known is refused to who joins it, and an error for who resumes it", async () => {
    await using under = await startChat();
    const { url } = under;
    const joining = connectionTo(url).joinRun("a-run-that-is-not-known");
    await expect(joining[Symbol.asyncIterator]().next()).rejects.toThrow("404");
    await using stalled = await startChat({ emulator: { scenario: "stall" } });
    await using first = await startBreakingProxy(stalled.url);
    await using second = await startBreakingProxy(url);
    // As a relay without Redis that was killed and started again.
    const routing = routed({
      to: (index) => (index === 0 ? first : second),
      cut: (index) => (index === 0 ? { afterEvents: 3, by: "close" } : undefined),
    });
    const { client, errors } = await ask(first.url, "Hello", routing.fetchClient);
    expect(errors).toMatchObject([{ code: "stream_not_found" }]);
    expect([client.getStatus(), routing.count]).toEqual(["error", 2]);
  });

  test("stopping only stops reading; deleting the run's stream ends it at the gateway", async () => {
    await using under = await startChat({ emulator: { scenario: "stall" } });
    const { url, untilObserved, observed } = under;
    const chat = chatAt(url);
    const sent = chat.client.sendMessage("Hello");
    await eventually(async () => expect(chat.text).not.toBe(""));
    chat.client.stop();
    await sent;
    expect(chat.errors).toEqual([]);
    expect(observed.map(({ type }) => type)).not.toContain("stream_ended");
    const { runId } = chat;
    await fetch(`${url}/api/llm/conversations/${runId}/stream`, { method: "DELETE" });
    expect(await untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
  });

  test.each([
    [["tools"], "ready"],
    [[], "error"],
  ] as const)("a page's tools need allowedOptions: %j", async (allowedOptions, status) => {
    await using under = await startChat({ allowedOptions });
    const inputSchema = { type: "object", properties: { id: { type: "number" } } } as const;
    const tool = toolDefinition({ name: "find_order", description: "Finds it.", inputSchema });
    const connection = connectionTo(under.url);
    const client = new ChatClient({ connection, tools: [tool.client()] });
    await client.sendMessage("/scenario many-tokens 1");
    expect(client.getStatus()).toBe(status);
  });
});
