import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, streamText, tool } from "ai";
import { expect, test } from "vitest";
import { describeClient } from "../describe-client.ts";
import { nativeText, startOpenai } from "../openai-under-test.ts";

function compatibleAt(baseUrl: string) {
  const settings = { name: "relay", baseURL: `${baseUrl}/v1`, includeUsage: true };
  return createOpenAICompatible(settings)("cfg-1");
}

/** `openai(…)` of the AI SDK uses Responses. */
function responsesAt(baseUrl: string) {
  return createOpenAI({ baseURL: `${baseUrl}/v1`, apiKey: "none" })("cfg-1");
}

describeClient({
  name: "@ai-sdk/openai-compatible 2, streamText",
  adapter: "openai",
  onBrokenConnection: "error",
  onEarlyEnd: "error",
  onAbort: "cancel",
  async ask(baseUrl, prompt, abortSignal) {
    const model = compatibleAt(baseUrl);
    const stream = streamText({ model, prompt, abortSignal, maxRetries: 0, onError() {} });
    let text = "";
    for await (const part of stream.fullStream) {
      if (part.type === "error") throw part.error;
      if (part.type === "abort") throw abortSignal.reason;
      if (part.type === "text-delta") text += part.text;
    }
    return text;
  },
});

const providers = [
  ["@ai-sdk/openai-compatible, chat completions", compatibleAt],
  ["@ai-sdk/openai, responses", responsesAt],
] as const;

test.each(providers)("%s: text, reasoning, reason and usage", async (_name, modelAt) => {
  await using under = await startOpenai();
  const model = modelAt(`${under.url}/api/llm`);
  const text = await nativeText(under.streamUrl, "/scenario usage");
  const stream = streamText({ model, prompt: "/scenario usage" });
  expect(await stream.text).toBe(text);
  expect(await stream.finishReason).toBe("stop");
  const { usage } = await generateText({ model, prompt: "/scenario usage" });
  expect(usage.totalTokens).toBeGreaterThan(0);
  expect(await stream.usage).toMatchObject({ totalTokens: usage.totalTokens });
});

test.each(providers)("%s: a tool is run and its result sent", async (_name, modelAt) => {
  await using under = await startOpenai();
  const asked: unknown[] = [];
  const anyTool = tool({
    inputSchema: jsonSchema({ type: "object" }),
    execute: async (input) => {
      asked.push(input);
      return "Found.";
    },
  });
  const { text } = await generateText({
    model: modelAt(`${under.url}/api/llm`),
    prompt: "/scenario tool-call",
    tools: { find_order: anyTool, find_customer: anyTool },
    // By default the provider of Responses sends ids of items that OpenAI would have kept.
    providerOptions: { openai: { store: false } },
    stopWhen: ({ steps }) => steps.length === 2,
  });
  expect(asked).toEqual([{ id: 4711 }, { name: "Ada" }]);
  expect(text).not.toBe("");
});

test.each(providers)("%s: an answer that breaks off is an error", async (_name, modelAt) => {
  await using under = await startOpenai();
  const model = modelAt(`${under.url}/api/llm`);
  const asked = { model, prompt: "/scenario cut", maxRetries: 0 };
  const errors: unknown[] = [];
  const stream = streamText({ ...asked, onError: ({ error }) => void errors.push(error) });
  await stream.consumeStream();
  expect(errors.length).toBeGreaterThan(0);
  await expect(generateText(asked)).rejects.toMatchObject({ statusCode: 502 });
});
