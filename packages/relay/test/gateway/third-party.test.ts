import { LLMock } from "@copilotkit/aimock";
import { describe, expect, test } from "vitest";
import { createRelay } from "../../src/relay.ts";
import type { RelayOptions } from "../../src/settings/options.ts";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";

const answer = "Go to **Settings**,\n\n  then “Sécurité” 👩‍🚀.";
const models = { "cfg-1": "gpt-4o" };
const reset = "How do I reset my password?";

const upstreams: readonly (readonly [
  name: string,
  path: string,
  options: (url: string) => RelayOptions,
])[] = [
  ["openai", "/v1/chat/completions", (url) => ({ openai: { baseUrl: `${url}/v1`, models } })],
  [
    "openai-responses",
    "/v1/responses",
    (url) => ({ openaiResponses: { baseUrl: `${url}/v1`, models } }),
  ],
  ["anthropic", "/v1/messages", (url) => ({ anthropic: { baseUrl: url, apiKey: "k", models } })],
];

/** A relay in front of a third-party implementation of an API; `await using` closes both. */
async function startRelay(options: (url: string) => RelayOptions) {
  const mock = new LLMock({ port: 0, chunkSize: 5 });
  mock.onMessage(reset, { content: answer, reasoning: "They forgot it." });
  mock.onMessage("Where is my order?", {
    toolCalls: [{ name: "find_order", arguments: '{"id":4711}' }],
  });
  await mock.start();
  const relay = createRelay({ port: 0, shutdownGraceMs: 0, ...options(mock.url) });
  const { url } = await relay.listen();
  return {
    streamUrl: `${url}/api/llm/stream`,
    mock,
    async [Symbol.asyncDispose]() {
      await relay.close();
      await mock.stop();
    },
  };
}

describe.each(upstreams)("a server that is not ours: %s", (_, path, options) => {
  test("an answer is streamed to the end", async () => {
    await using under = await startRelay(options);
    const reply = await replyTo(ask(under.streamUrl, question(reset)));
    expect(reply.status).toBe(200);
    const stream = parseStream(reply.text);
    // Its pieces are cut in the middle of surrogate pairs: put together again they are whole.
    expect(tokensIn(stream)).toBe(answer);
    const events = stream.events.map(({ event }) => event);
    expect(events.filter(({ type }) => type === "token").length).toBeGreaterThan(5);
    const thoughts = events.map((event) => (event.type === "reasoning" ? event.content : ""));
    expect(thoughts.join("")).toBe("They forgot it.");
    expect(events.at(-1)).toMatchObject({
      type: "stop",
      reason: "stop",
      usage: {
        inputTokens: expect.any(Number),
        outputTokens: expect.any(Number),
        raw: expect.any(Object),
      },
    });
    expect(under.mock.getRequests()).toMatchObject([{ path, body: { model: "gpt-4o" } }]);
  });

  test("a call of a tool is streamed with its arguments", async () => {
    await using under = await startRelay(options);
    const reply = await replyTo(ask(under.streamUrl, question("Where is my order?")));
    const events = parseStream(reply.text).events.map(({ event }) => event);
    const calls = events.flatMap((event) => (event.type === "tool_call" ? [event] : []));
    expect(new Set(calls.map((call) => call["name"]))).toEqual(new Set(["find_order"]));
    const text = calls.map((call) => call["argumentsDelta"] ?? "").join("");
    expect(JSON.parse(text)).toEqual({ id: 4711 });
    expect(calls.at(-1)).toMatchObject({ isComplete: true });
    expect(events.at(-1)).toMatchObject({ type: "stop", reason: "tool_calls" });
  });

  test("its refusal is reported with its status and code", async () => {
    await using under = await startRelay(options);
    const reply = await replyTo(ask(under.streamUrl, question("Something else")));
    expect(reply.status).toBe(502);
    expect(refusalIn(reply)).toMatchObject({
      code: "gateway_rejected",
      message: expect.stringMatching(
        /^The gateway refused the request \(status 404, code [\w.]+\)\.$/,
      ),
    });
  });
});
