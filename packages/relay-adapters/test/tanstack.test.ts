import { toolDefinition } from "@tanstack/ai/client";
import {
  ChatClient,
  type ChatClientOptions,
  type FetchConnectionOptions,
  fetchServerSentEvents,
} from "@tanstack/ai-client";
import { describe, expect, test } from "vitest";
import { type Cut, type CutKind, startCuttingProxy } from "@gatestream/testing/cutting-proxy";
import { eventually } from "@gatestream/testing/eventually";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { startRelays, startTwoRelays } from "@gatestream/testing/two-relays";
import { agUi } from "../src/index.ts";

const adapters = [agUi()];

interface Chunk {
  readonly type: string;
  readonly delta?: string;
  readonly runId?: string;
}

interface ChatOptions {
  readonly connection?: FetchConnectionOptions;
  readonly initialResumeSnapshot?: NonNullable<ChatClientOptions["initialResumeSnapshot"]>;
}

function connectionTo(url: string, options: FetchConnectionOptions = {}) {
  // Its own pause of 250 ms is what no test here is about.
  return fetchServerSentEvents(`${url}/api/llm/ag-ui/cfg-1`, {
    reconnect: { delayMs: 1 },
    ...options,
  });
}

/** TanStack AI's own client, without a page around it. */
function chatAt(url: string, { connection, ...options }: ChatOptions = {}) {
  const chunks: Chunk[] = [];
  const errors: Error[] = [];
  const client = new ChatClient({
    ...options,
    connection: connectionTo(url, connection),
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

async function ask(url: string, question: string) {
  const chat = chatAt(url);
  await chat.client.sendMessage(question);
  return chat;
}

async function wholeOf(run: AsyncIterable<object>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
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
    test("have one run: each connection breaks after one event, and the next goes to the other", async () => {
      await using relays = await startTwoRelays({ adapters, gateway: { hold: "pieces" } });
      const { here, there, gateway } = relays;
      await using proxy = await startCuttingProxy({
        upstream: (index) => (index % 2 === 0 ? here.url : there.url),
        cut: (index) => (index < 8 ? { after: 1, how: "broken" } : undefined),
      });
      const asked = ask(proxy.url, "/scenario many-tokens 5");
      for (let piece = 0; piece < 6; piece += 1) await gateway.release();
      const { errors, text, chunks } = await asked;
      expect([errors, text, gateway.chatCount]).toEqual([[], "0 1 2 3 4 ", 1]);
      expect([proxy.responses.length, chunks.length]).toEqual([9, 9]);
    });

    test("a relay that stops sends its readers to the other, and holds back who asks it again", async () => {
      const waiting = { shutdownGraceMs: 600_000, gateway: { hold: "pieces" } } as const;
      await using relays = await startTwoRelays({ adapters, ...waiting });
      const { here, there, gateway } = relays;
      await using proxy = await startCuttingProxy({
        // Until the load balancer knows, the one that stops is asked twice more.
        upstream: (index) => (index < 3 ? here.url : there.url),
        cut: () => undefined,
      });
      const chat = chatAt(proxy.url);
      const sent = chat.client.sendMessage("/scenario many-tokens 5");
      await gateway.release(2);
      await eventually(async () => expect(chat.text).toBe("0 1 "));
      const closed = here.relay.close();
      await eventually(async () => expect(proxy.responses).toHaveLength(2));
      const joined = wholeOf(connectionTo(proxy.url).joinRun(chat.runId));
      await eventually(async () => expect(proxy.responses).toHaveLength(3));
      await gateway.release(4);
      await sent;
      expect([chat.errors, chat.text]).toEqual([[], "0 1 2 3 4 "]);
      expect(typesOf(await joined)).toEqual(typesOf(chat.chunks));
      expect(proxy.responses).toHaveLength(5);
      await closed;
    });

    test("a run whose relay has died ends with an error", async () => {
      await using relays = await startTwoRelays({ adapters, gateway: { hold: "pieces" } });
      const { here, there, gateway, link } = relays;
      await using proxy = await startCuttingProxy({
        upstream: (index) => (index === 0 ? here.url : there.url),
        cut: (index) => (index === 0 ? { after: 3, how: "broken" } : undefined),
      });
      const asked = ask(proxy.url, "/scenario many-tokens 5");
      await gateway.release();
      link.cut();
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

  const everyCut: readonly CutKind[] = ["broken", "broken inside an event", "ended"];

  describe.each(everyCut)("a connection that is %s after any event", (how) => {
    test.each(["many-tokens 3", "tool-call"])("is resumed exactly: %s", async (scenario) => {
      await using under = await startChat();
      const { url, emulator } = under;
      const whole = await ask(url, `/scenario ${scenario}`);
      let cut: Cut | undefined;
      const takeCut = (): Cut | undefined => {
        const taken = cut;
        cut = undefined;
        return taken;
      };
      await using proxy = await startCuttingProxy({ upstream: () => url, cut: takeCut });
      for (const index of whole.chunks.keys()) {
        cut = { after: index + 1, how };
        expect(madeOf(await ask(proxy.url, `/scenario ${scenario}`))).toEqual(madeOf(whole));
      }
      // Each but the last was resumed, and no answer was asked for twice.
      expect(proxy.responses.length).toBeGreaterThanOrEqual(2 * whole.chunks.length - 1);
      const chats = emulator.calls.filter(({ kind }) => kind === "chat");
      expect(chats).toHaveLength(1 + whole.chunks.length);
    });
  });

  test("a run is joined from its start, also over connections that break after each event", async () => {
    await using under = await startChat();
    const { url } = under;
    const { runId, chunks } = await ask(url, "/scenario many-tokens 3");
    await using proxy = await startCuttingProxy({
      upstream: () => url,
      cut: (index) => (index < chunks.length ? { after: 1, how: "broken" } : undefined),
    });
    const joined = await wholeOf(connectionTo(proxy.url).joinRun(runId));
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
    await using proxy = await startCuttingProxy({
      // As behind a relay without Redis that was killed and started again.
      upstream: (index) => (index === 0 ? stalled.url : url),
      cut: () => ({ after: 3, how: "broken" }),
    });
    const { client, errors } = await ask(proxy.url, "Hello");
    expect(errors).toMatchObject([{ code: "stream_not_found" }]);
    expect([client.getStatus(), proxy.responses.length]).toEqual(["error", 2]);
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
