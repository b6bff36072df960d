import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startHttpServer } from "../../../relay/src/gateway/testing/servers.ts";
import { ampleSettings } from "../../../relay/src/gateway/testing/provider-under-test.ts";
import { findingsOf } from "../testing/findings-of.ts";
import { anthropicAt } from "../testing/providers-under-test.ts";
import { createAnthropicProvider } from "./provider.ts";

const answer = readFileSync(new URL("../../fixtures/anthropic/text.sse", import.meta.url));

/** A server that answers all, and keeps what it was asked. */
async function startServer() {
  const asked: { path: string | undefined; headers: NodeJS.Dict<unknown>; body: unknown }[] = [];
  const server = await startHttpServer(async (request, response) => {
    const body: unknown = JSON.parse((await request.toArray()).join(""));
    asked.push({ path: request.url, headers: request.headers, body });
    response.setHeader("content-type", "text/event-stream");
    response.end(answer);
  });
  return { ...server, asked };
}

test("the server is asked with the key, the version of the API and the model", async () => {
  await using server = await startServer();
  const provider = anthropicAt(server.url, { models: { "cfg-1": "claude" }, maxTokens: 9 });
  const { events } = await provider.ask({ question: "Hello" });
  expect(events.map(({ type }) => type)).toEqual(["token", "token", "stop"]);
  expect(server.asked).toMatchObject([
    {
      path: "/v1/messages",
      headers: { "x-api-key": "demo-key", "anthropic-version": "2023-06-01" },
      body: {
        model: "claude",
        messages: [{ role: "user", content: "Hello" }],
        max_tokens: 9,
        stream: true,
      },
    },
  ]);
  expect(server.asked[0]?.headers).not.toHaveProperty("authorization");
});

test("a server that wants no key gets none", async () => {
  await using server = await startServer();
  await anthropicAt(server.url, { apiKey: "" }).ask();
  expect(server.asked[0]?.headers).not.toHaveProperty("x-api-key");
});

test("529 is tried again: Anthropic is overloaded, and has taken nothing", async () => {
  const statuses = [529, 200];
  await using server = await startHttpServer((request, response) => {
    request.resume();
    response.writeHead(statuses.shift() ?? 500, {
      "content-type": "text/event-stream",
      "request-id": "req_1",
    });
    response.end(answer);
  });
  const provider = anthropicAt(server.url);
  expect((await provider.ask()).failure).toBeUndefined();
  expect(provider.observed).toMatchObject([
    { type: "attempt_failed", attempt: 1, waitMs: expect.any(Number) },
    { type: "upstream_answered", attempts: 2, correlationId: "req_1" },
  ]);
});

test.each([
  ["demo-key", /^it does not accept ANTHROPIC_API_KEY \(status 401\)/],
  ["", /^it wants a key \(status 401\): set ANTHROPIC_API_KEY/],
])("a check tries the key on the list of models: %j", async (apiKey, told) => {
  const asked: unknown[] = [];
  await using server = await startHttpServer((request, response) => {
    asked.push([request.method, request.url, request.headers["anthropic-version"]]);
    response.writeHead(401, { "content-type": "application/json" });
    response.end('{"type":"error","error":{"type":"authentication_error","message":"No."}}');
  });
  const options = { baseUrl: server.url, apiKey };
  expect(await findingsOf(createAnthropicProvider(options, ampleSettings))).toEqual([
    {
      what: `server ${server.url}/v1/models`,
      outcome: "failed",
      message: expect.stringMatching(told),
    },
  ]);
  expect(asked).toEqual([["GET", "/v1/models", "2023-06-01"]]);
});

test("a model that the server does not have is warned of", async () => {
  await using server = await startHttpServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end('{"data":[{"type":"model","id":"claude"}],"has_more":false}');
  });
  const options = { baseUrl: server.url, apiKey: "k", models: { a: "claude", b: "gone" } };
  expect(await findingsOf(createAnthropicProvider(options, ampleSettings))).toMatchObject([
    { outcome: "ok", message: "answers and has claude" },
    { what: "model gone of b", message: expect.stringContaining("ANTHROPIC_MODELS") },
  ]);
});
