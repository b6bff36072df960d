import { eventuallyTrue } from "@gatestream/testing/eventually";
import { createChat } from "@gatestream/client/chat";
import { createRelay, type Provider } from "@gatestream/relay";
import { defaultBasePath, type StreamEvent } from "@gatestream/protocol";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import type * as Current from "./index.ts";
import { createClient } from "./create-client.ts";
import { anyRequest, eventsOf } from "./testing/client-of.ts";
import { cuttingFetch } from "./testing/cutting-fetch.ts";

// The file is plain JavaScript: what it exports had these names before.
const old: typeof Current = await import(
  new URL("../test-fixtures/client-before-parts.js", import.meta.url).href
);

const answer: readonly StreamEvent[] = [
  { type: "reasoning", content: "An order " },
  { type: "reasoning", content: "number." },
  { type: "token", content: "I look ", index: 0 },
  { type: "tool_call", callId: "c1", name: "find_order", argumentsDelta: '{"id":' },
  {
    type: "tool_call",
    callId: "c1",
    name: "find_order",
    argumentsDelta: "4711}",
    isComplete: true,
  },
  { type: "token", content: "it up ü😀. ", index: 1 },
  { type: "source", sourceId: "1", url: "https://example.com/a", title: "A", from: 0, to: 6 },
  { type: "file", mediaType: "image/png", data: "aGk=" },
  { type: "citation", content: "1", index: 2 },
  { type: "token", content: "Done.", index: 3 },
  {
    type: "stop",
    reason: "tool_calls",
    usage: {
      inputTokens: 61,
      outputTokens: 18,
      totalTokens: 79,
      reasoningTokens: 4,
      cachedInputTokens: 2,
      raw: { prompt_tokens: 61 },
    },
  },
];
const whole = "I look it up ü😀. Done.";

/** A relay of today whose upstream sends every kind of event. */
async function newRelay(): Promise<string> {
  const provider: Provider = {
    name: "everything",
    async open() {
      return (async function* () {
        for (const event of answer) yield [event];
      })();
    },
    async close() {},
  };
  const relay = createRelay({ provider, port: 0, resume: "memory", shutdownGraceMs: 0 });
  onTestFinished(() => relay.close());
  return (await relay.listen()).url + defaultBasePath;
}

describe("a client of before, and a relay of today", () => {
  const types = answer.map(({ type }) => type);

  test("every new event passes it by, and the answer is whole", async () => {
    const stream = old.createClient({ url: await newRelay(), retry: false }).stream(anyRequest);
    const events = await eventsOf(stream);
    expect(events.map(({ type }) => type)).toEqual(["start", ...types]);
    expect(await stream.result()).toEqual({
      text: whole,
      reason: "tool_calls",
      usage: answer.at(-1)?.["usage" as never],
    });
    expect(stream.status).toBe("done");
  });

  test("an answer that is cut anywhere is resumed, and nothing is lost or twice", async () => {
    const url = await newRelay();
    for (let byteCount = 10; byteCount < 1_500; byteCount += 23) {
      let requestCount = 0;
      const isFirst = (): boolean => (requestCount += 1) === 1;
      const client = old.createClient({
        url,
        resumable: true,
        retry: { baseDelayMs: 1 },
        fetch: (...asked) => (isFirst() ? cuttingFetch(byteCount) : fetch)(...asked),
      });
      const stream = client.stream(anyRequest);
      const numbered = (await eventsOf(stream)).filter(({ type }) => types.includes(type));
      expect(stream.text, `cut after ${byteCount} bytes`).toBe(whole);
      expect(numbered).toEqual(answer);
    }
  });

  test("a checkpoint of it is resumed by a client of today, with the parts that follow", async () => {
    const url = await newRelay();
    const client = old.createClient({ url, resumable: true, retry: false });
    const stream = client.stream(anyRequest, {
      onToken: (_, all) => all === "I look it up ü😀. " && stream.disconnect(),
    });
    await stream.result();
    const checkpoint: Current.Checkpoint = JSON.parse(JSON.stringify(stream.checkpoint));
    expect(Object.keys(checkpoint)).toEqual(["streamId", "lastEventId", "text"]);
    const { text: all, parts } = await createClient({ url }).resume(checkpoint).result();
    expect(all).toBe(whole);
    expect(parts.map(({ type }) => type)).toEqual(["text", "source", "file", "text"]);
  });
});

/** What a relay of before sends: `id` first, and nothing that it did not know. */
const before = [
  'id: 1\ndata: {"type":"token","content":"Hel","index":0}\n\n',
  ": heartbeat\n\n",
  'id: 2\ndata: {"type":"thinking","content":"Hm","index":1}\n\n',
  'id: 3\ndata: {"type":"token","content":"lo","index":2}\n\n',
  'id: 4\ndata: {"type":"stop","reason":"stop","usage":{"prompt_tokens":7}}\n\n',
];

/** A relay of before: it knows three routes, refuses fields that it does not know, and cuts once. */
async function oldRelay(): Promise<{ readonly url: string; readonly requests: string[] }> {
  const requests: string[] = [];
  const refuse = (response: ServerResponse, status: number, code: string): void => {
    const error = { code, message: "No.", retryable: false, requestId: "r-1" };
    response
      .writeHead(status, { "Content-Type": "application/json" })
      .end(JSON.stringify({ error }));
  };
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push(`${method} ${url}`);
    const body = await text(request);
    if (method === "DELETE") return void response.writeHead(204).end();
    if (!url.startsWith("/api/llm/stream")) return refuse(response, 404, "not_found");
    const known = ["configurationId", "messages", "onDisconnect"];
    const isKnown = Object.keys(JSON.parse(body || "{}")).every((field) => known.includes(field));
    if (!isKnown) return refuse(response, 400, "invalid_request");
    response.writeHead(200, { "Content-Type": "text/event-stream", "X-Request-Id": "r-1" });
    response.write(
      'event: start\ndata: {"type":"start","streamId":"s-1","resumable":true,"heartbeatMs":15000}\n\n',
    );
    const after = Number(headers["last-event-id"] ?? 0);
    const rest = before.slice(after === 0 ? 0 : after + 1);
    if (after > 0) return void response.end(rest.join(""));
    response.write(rest.slice(0, 3).join(""), () => response.socket?.end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/api/llm`, requests };
}

describe("a client of today, and a relay of before", () => {
  test("an answer is whole, resumed, and cancelled as it was", async () => {
    const { url, requests } = await oldRelay();
    const client = createClient({ url, resumable: true, retry: { baseDelayMs: 1 } });
    const stream = client.stream(anyRequest);
    const { text: all, parts, usage } = await stream.result();
    expect(all).toBe("Hello");
    expect(parts).toEqual([{ type: "text", text: "Hello" }]);
    expect(stream.events).toEqual([{ type: "thinking", content: "Hm", index: 1 }]);
    expect(usage).toEqual({ prompt_tokens: 7 });
    expect(requests).toEqual(["POST /api/llm/stream", "GET /api/llm/stream/s-1"]);
  });

  test("a conversation sends it nothing that it does not know", async () => {
    const { url } = await oldRelay();
    const client = createClient({ url, resumable: true, retry: { baseDelayMs: 1 } });
    const chat = createChat(client, { configurationId: "cfg-1" });
    chat.send("Hello");
    await eventuallyTrue(() => !chat.getSnapshot().isRunning);
    expect(chat.getSnapshot().messages[1]).toMatchObject({ content: "Hello", status: "done" });
  });

  test("what it does not know is refused by it, and told", async () => {
    const { url, requests } = await oldRelay();
    const client = createClient({ url, resumable: true, retry: false });
    const chat = createChat(client, { configurationId: "cfg-1", conversationId: "case:4711" });
    chat.send("Hello");
    await eventuallyTrue(() => !chat.getSnapshot().isRunning);
    expect(chat.getSnapshot().error).toMatchObject({ code: "invalid_request", status: 400 });
    expect(requests).toContain("GET /api/llm/conversations/case%3A4711/streams");
  });
});
