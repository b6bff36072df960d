import type { AIMessageChunk } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { expect, test } from "vitest";
import { describeClient } from "../describe-client.ts";
import { nativeText, startOpenai } from "../openai-under-test.ts";

function modelAt(baseUrl: string, useResponsesApi = false, model = "cfg-1"): ChatOpenAI {
  const configuration = { baseURL: `${baseUrl}/v1` };
  return new ChatOpenAI({ model, apiKey: "none", maxRetries: 0, useResponsesApi, configuration });
}

describeClient({
  name: "LangChain's ChatOpenAI 1, stream",
  adapter: "openai",
  onBrokenConnection: "error",
  onEarlyEnd: "accept",
  onAbort: "cancel",
  async ask(baseUrl, question, signal) {
    let text = "";
    for await (const chunk of await modelAt(baseUrl).stream(question, { signal })) {
      text += chunk.text;
    }
    return text;
  },
});

const apis = [
  ["chat completions", false],
  ["responses", true],
] as const;

test.each(apis)(
  "LangChain's invoke, over %s: streamed and whole text, with the same usage",
  async (_api, ofResponses) => {
    await using under = await startOpenai();
    const text = await nativeText(under.streamUrl, "/scenario usage");
    const model = modelAt(`${under.url}/api/llm`, ofResponses);
    const message = await model.invoke("/scenario usage");
    expect(message.text).toBe(text);
    expect(message.usage_metadata).toMatchObject({ total_tokens: expect.any(Number) });
    let streamed: AIMessageChunk | undefined;
    for await (const chunk of await model.stream("/scenario usage")) {
      streamed = streamed?.concat(chunk) ?? chunk;
    }
    expect(streamed?.text).toBe(text);
    expect(streamed?.usage_metadata).toEqual(message.usage_metadata);
  },
);

test.each(apis)("LangChain's tools, over %s", async (_api, ofResponses) => {
  await using under = await startOpenai();
  const tool = { name: "find_order", description: "Finds.", schema: { type: "object" } };
  const model = modelAt(`${under.url}/api/llm`, ofResponses).bindTools([tool]);
  const message = await model.invoke("/scenario tool-call");
  const { tool_calls: calls = [] } = message;
  expect(calls).toMatchObject([
    { name: "find_order", args: { id: 4711 } },
    { name: "find_customer", args: { name: "Ada" } },
  ]);
  const results = calls.map(({ id }) => ({
    role: "tool" as const,
    tool_call_id: id ?? "",
    content: "Found.",
  }));
  const question = { role: "user" as const, content: "/scenario tool-call" };
  const answer = await model.invoke([question, message, ...results]);
  expect(answer.tool_calls).toEqual([]);
  expect(answer.text).not.toBe("");
});

test.each(apis)("LangChain's errors, over %s", async (_api, ofResponses) => {
  await using under = await startOpenai({ allowedConfigurations: ["cfg-1"] });
  const model = modelAt(`${under.url}/api/llm`, ofResponses);
  await expect(model.invoke("/scenario cut")).rejects.toThrow(/.+/);
  await expect(
    (async () => {
      for await (const chunk of await model.stream("/scenario cut")) void chunk;
    })(),
  ).rejects.toMatchObject({ code: "gateway_interrupted" });
  const other = modelAt(`${under.url}/api/llm`, ofResponses, "other");
  await expect(other.invoke("Hello")).rejects.toMatchObject({ status: 403, code: "forbidden" });
});
