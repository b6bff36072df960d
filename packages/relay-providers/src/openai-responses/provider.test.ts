import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startHttpServer } from "../../../relay/src/gateway/testing/servers.ts";
import { ampleSettings } from "../../../relay/src/gateway/testing/provider-under-test.ts";
import { findingsOf } from "../testing/findings-of.ts";
import { openaiResponsesAt } from "../testing/providers-under-test.ts";
import { createOpenaiResponsesProvider } from "./provider.ts";

const answer = readFileSync(new URL("../../fixtures/openai-responses/text.sse", import.meta.url));

test.each([[true], [false]])(
  "the server is asked with the key and the model, metadata only where it is wanted: %j",
  async (sendMetadata) => {
    const asked: unknown[] = [];
    await using server = await startHttpServer(async (request, response) => {
      const body: unknown = JSON.parse((await request.toArray()).join(""));
      asked.push([request.url, request.headers.authorization, body]);
      response.setHeader("content-type", "text/event-stream");
      response.end(answer);
    });
    const provider = openaiResponsesAt(server.url, { models: { "cfg-1": "gpt" }, sendMetadata });
    const metadata = { queue: "billing" };
    const { events } = await provider.ask({ question: "Hello", request: { metadata } });
    expect(events.map(({ type }) => type)).toEqual(["token", "token", "stop"]);
    const body = {
      model: "gpt",
      input: [{ role: "user", content: "Hello" }],
      stream: true,
      store: false,
      ...(sendMetadata && { metadata }),
    };
    expect(asked).toEqual([["/v1/responses", "Bearer demo-key", body]]);
  },
);

test("a check says that the address is wrong where the server has no responses there", async () => {
  await using server = await startHttpServer((_, response) => {
    response.writeHead(404).end();
  });
  const options = { baseUrl: `${server.url}/v2` };
  expect(await findingsOf(createOpenaiResponsesProvider(options, ampleSettings))).toMatchObject([
    {
      outcome: "failed",
      message: expect.stringMatching(/knows neither models nor responses there.+OPENAI_BASE_URL/),
    },
  ]);
});
