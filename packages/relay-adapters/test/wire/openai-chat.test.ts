import OpenAI from "openai";
import { isObject } from "@gatestream/relay/parts";
import { createCompletionFormat } from "../../src/openai/chat/format.ts";
import { openaiAdapter } from "../../src/index.ts";
import { describeAdapter, idOf } from "../describe-adapter.ts";

interface Chunk {
  readonly object: "chat.completion.chunk";
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
}

function isChunk(value: unknown): value is Chunk {
  return (
    isObject(value) &&
    value["object"] === "chat.completion.chunk" &&
    typeof value["id"] === "string" &&
    Array.isArray(value["choices"])
  );
}

function isFailure(value: unknown): boolean {
  if (!isObject(value) || !isObject(value["error"])) return false;
  const { message, code, type } = value["error"];
  return [message, code, type].every((field) => typeof field === "string");
}

const options = { model: "cfg-1", startedAt: 0, includesUsage: true };

const asked = (content: string) => ({
  path: "/v1/chat/completions",
  body: {
    model: "cfg-1",
    messages: [{ role: "user" as const, content }],
    stream: true,
    stream_options: { include_usage: true },
  },
});
const conversation = "/v1/stream/a-conversation-of-the-tests";

describeAdapter({
  name: "OpenAI's chat completions",
  adapter: openaiAdapter(),
  isFollowed: true,
  ask: asked,
  createFormat: () => createCompletionFormat(options),
  isKnown: (value) => value === "[DONE]" || isChunk(value) || isFailure(value),
  textIn: (value) => (isChunk(value) ? (value.choices[0]?.delta.content ?? "") : ""),
  endIn: (value) => (value === "[DONE]" ? "whole" : isFailure(value) ? "failed" : undefined),
  async readWithClient(fetchResponse) {
    const client = new OpenAI({ baseURL: "http://relay", apiKey: "none", fetch: fetchResponse });
    const { messages, model } = asked("").body;
    return (await client.chat.completions.stream({ model, messages }).finalContent()) ?? "";
  },
  isRefusal: isFailure,
  resume: {
    ask: (content) => ({
      ...asked(content),
      headers: { "X-Conversation-Id": "a-conversation-of-the-tests" },
    }),
    hasCursor: ({ id }) => id !== undefined && id !== "0",
    askAfter: (received) => ({
      method: "GET",
      path: `${conversation}?from=${idOf(received)}&include_usage=true`,
      body: undefined,
    }),
    createFormatAfter: (received) =>
      createCompletionFormat({ ...options, after: Number(idOf(received)) }),
  },
});
