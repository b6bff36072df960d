import { type ChatMessage, isRecord, readMessages, textOfParts } from "../chat-messages.ts";
import type { Chat } from "../dialect.ts";
import { tokenUsage } from "../token-usage.ts";
import { createResponseEvents } from "./events.ts";

/** `{model, input, stream: true}`, the input a text or a list of items. */
export function readChat(body: unknown): Chat | string {
  if (!isRecord(body)) return "The body must be a JSON object.";
  const { model, stream, input, background, store } = body;
  if (typeof model !== "string" || model === "") return "model must be a text that is not empty.";
  if (stream !== true) return "stream must be true: only streamed answers are emulated.";
  if (background === true && store === false) return "background needs store.";
  const messages = readInput(input);
  if (typeof messages === "string") return messages;
  return {
    messages,
    ...(background === true && { backgroundId: responseId }),
    pieces: (contextId) =>
      createResponseEvents({
        id: responseId(contextId),
        model,
        created: Math.floor(Date.now() / 1000),
        usage: (outputTokens) => tokenUsage(messages, outputTokens),
      }),
  };
}

function responseId(contextId: string): string {
  return `resp_${contextId}`;
}

function readInput(input: unknown): readonly ChatMessage[] | string {
  if (typeof input === "string") return [{ role: "user", content: input }];
  const items = Array.isArray(input) ? input.map(messageOf) : input;
  return readMessages(items, "input", ({ content }) => textOfParts(content));
}

/** A call and its result as messages; every other item is one. */
function messageOf(item: unknown): unknown {
  if (!isRecord(item)) return item;
  if (item["type"] === "function_call") return { role: "assistant", content: "" };
  if (item["type"] === "function_call_output") return { role: "tool", content: item["output"] };
  return item;
}
