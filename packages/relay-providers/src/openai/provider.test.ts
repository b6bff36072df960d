import { expect, test } from "vitest";
import { openaiAt } from "../testing/providers-under-test.ts";
import { conversation } from "../../../relay/src/gateway/testing/provider-under-test.ts";
import { startRawGateway } from "../../../relay/src/gateway/testing/servers.ts";
import { startEmulator } from "../../../relay/src/gateway/testing/start-emulator.ts";

const stop = { type: "stop", reason: "stop" };
const answer = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n';

/** A server that answers everything, and keeps the headers of the last request. */
async function startServer() {
  let headers: NodeJS.Dict<string | string[]> = {};
  const server = await startRawGateway((request, response) => {
    headers = request.headers;
    response.setHeader("content-type", "text/event-stream");
    response.end(answer);
  });
  return { ...server, lastHeaders: () => headers };
}

test("the server is asked with the key, the model and the conversation, streamed with usage", async () => {
  const { emulator, kinds, url } = await startEmulator();
  await openaiAt(url).ask();
  expect(kinds()).toEqual(["chat"]);
  expect(emulator.calls[0]).toMatchObject({
    dialect: "openai",
    headers: {
      authorization: "Bearer demo-key",
      "content-type": "application/json",
      accept: expect.stringContaining("text/event-stream"),
    },
  });
  expect(emulator.calls[0]?.body).toEqual({
    model: "cfg-1",
    messages: conversation,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test.each([
  ["one that is listed has its model", "cfg-1", "llama3"],
  ["one that is not is a model's name itself", "qwen3", "qwen3"],
  ["a name that every object has is not listed", "constructor", "constructor"],
  ["nor is __proto__", "__proto__", "__proto__"],
])("the model for a configurationId: %s", async (_, configurationId, model) => {
  const { emulator, url } = await startEmulator();
  await openaiAt(url, { models: { "cfg-1": "llama3" } }).ask({ configurationId });
  expect(emulator.calls[0]?.body).toMatchObject({ model });
});

test.each([[undefined], [""]])(
  "without a key (%j) no Authorization is sent: a local server wants none",
  async (apiKey) => {
    await using server = await startServer();
    const { events } = await openaiAt(server.url, { apiKey } as object).ask();
    expect(events.at(-1)).toEqual(stop);
    expect(server.lastHeaders()).not.toHaveProperty("authorization");
  },
);

test.each([
  ["", "/chat/completions"],
  ["/", "/chat/completions"],
  ["/v1", "/v1/chat/completions"],
  ["/v1/", "/v1/chat/completions"],
  ["/v1//", "/v1/chat/completions"],
  ["/openai/deployments/x", "/openai/deployments/x/chat/completions"],
])("the base URL may end with a slash or without: %j", async (path, asked) => {
  await using server = await startServer();
  await openaiAt("", { baseUrl: server.url + path }).ask();
  expect(server.paths).toEqual([asked]);
});

test("a query of the base URL stays one", async () => {
  await using server = await startServer();
  await openaiAt("", { baseUrl: `${server.url}/v1/?api-version=1` }).ask();
  expect(server.paths).toEqual(["/v1/chat/completions?api-version=1"]);
});

test("the server's request id is reported as the correlation id", async () => {
  await using server = await startRawGateway((_, response) => {
    response.setHeader("x-request-id", "req-1");
    response.setHeader("content-type", "text/event-stream");
    response.end(answer);
  });
  const provider = openaiAt(server.url);
  await provider.ask();
  expect(provider.observed).toEqual([
    { type: "upstream_answered", streamId: "stream-1", attempts: 1, correlationId: "req-1" },
  ]);
});

test("a refusal's code is found in its error object", async () => {
  const { url } = await startEmulator({ scenario: "bad-request" });
  await expect(openaiAt(url).open()).rejects.toMatchObject({
    code: "gateway_rejected",
    message: "The gateway refused the request (status 400, code model_not_found).",
    cause: { status: 400, code: "model_not_found", correlationId: expect.any(String) },
  });
});

test("a wrong key is not asked with again", async () => {
  const { kinds, url } = await startEmulator();
  await expect(openaiAt(url, { apiKey: "wrong" }).open()).rejects.toMatchObject({
    code: "gateway_auth_failed",
    cause: { status: 401, code: "invalid_api_key" },
  });
  expect(kinds()).toEqual(["chat"]);
});
