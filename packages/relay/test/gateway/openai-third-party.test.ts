import { LLMock } from "@copilotkit/aimock";
import { expect, test } from "vitest";
import { createRelay } from "../../src/relay.ts";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";

const answer = "Go to **Settings**,\n\n  then “Sécurité” 👩‍🚀.";

/** A relay in front of a third-party implementation of OpenAI's API; `await using` closes both. */
async function startRelay() {
  const mock = new LLMock({ port: 0, chunkSize: 5 });
  mock.onMessage("How do I reset my password?", { content: answer });
  await mock.start();
  const relay = createRelay({
    port: 0,
    shutdownGraceMs: 0,
    openai: { baseUrl: `${mock.url}/v1`, models: { "cfg-1": "gpt-4o" } },
  });
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

test("an answer of an OpenAI-compatible server that is not ours is streamed to the end", async () => {
  await using under = await startRelay();
  const reply = await replyTo(ask(under.streamUrl, question("How do I reset my password?")));
  expect(reply.status).toBe(200);
  const stream = parseStream(reply.text);
  // Its pieces are cut in the middle of surrogate pairs: put together again they are whole.
  expect(tokensIn(stream)).toBe(answer);
  expect(stream.events.filter(({ event }) => event.type === "token").length).toBeGreaterThan(5);
  expect(stream.events.at(-1)?.event).toEqual({
    type: "stop",
    reason: "stop",
    usage: {
      inputTokens: expect.any(Number),
      outputTokens: expect.any(Number),
      totalTokens: expect.any(Number),
      raw: expect.objectContaining({ prompt_tokens: expect.any(Number) }),
    },
  });
  expect(under.mock.getRequests()).toMatchObject([
    { path: "/v1/chat/completions", body: { model: "gpt-4o", stream: true } },
  ]);
});

test("its refusal is reported with its status and code", async () => {
  await using under = await startRelay();
  const reply = await replyTo(ask(under.streamUrl, question("Something else")));
  expect(reply.status).toBe(502);
  expect(refusalIn(reply)).toMatchObject({
    code: "gateway_rejected",
    message: "The gateway refused the request (status 404, code no_fixture_match).",
  });
});
