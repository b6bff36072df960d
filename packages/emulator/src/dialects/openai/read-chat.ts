import { isRecord, readMessages, textOfParts } from "../chat-messages.ts";
import type { Chat } from "../dialect.ts";
import { tokenUsage } from "../token-usage.ts";
import { createChunks } from "./chunks.ts";

/** `{model, messages, stream: true, stream_options?: {include_usage?}}` */
export function readChat(body: unknown): Chat | string {
  if (!isRecord(body)) return "The body must be a JSON object.";
  const { model, stream, stream_options: streamOptions = {} } = body;
  if (typeof model !== "string" || model === "") return "model must be a text that is not empty.";
  if (stream !== true) return "stream must be true: only streamed answers are emulated.";
  if (!isRecord(streamOptions)) return "stream_options must be an object.";
  const { include_usage: includeUsage = false } = streamOptions;
  if (typeof includeUsage !== "boolean") {
    return "stream_options.include_usage must be true or false.";
  }

  const messages = readMessages(body["messages"], "messages", textOf);
  if (typeof messages === "string") return messages;
  return {
    messages,
    pieces: (contextId) =>
      createChunks({
        id: `chatcmpl-${contextId}`,
        model,
        created: Math.floor(Date.now() / 1000),
        includeUsage,
        usage: (outputTokens) => tokenUsage(messages, outputTokens),
      }),
  };
}

/** An assistant's message that is nothing but calls has none. */
function textOf({ content, tool_calls: calls }: Record<string, unknown>): string | undefined {
  return content === null && Array.isArray(calls) ? "" : textOfParts(content);
}
