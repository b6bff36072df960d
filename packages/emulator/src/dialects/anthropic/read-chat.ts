import type { IncomingHttpHeaders } from "node:http";

import { type ChatMessage, isRecord, readMessages, textOfParts } from "../chat-messages.ts";
import type { Chat } from "../dialect.ts";
import { tokenUsage } from "../token-usage.ts";
import { createMessageEvents } from "./events.ts";

/** `{model, max_tokens, messages, system?, stream: true}` */
export function readChat(body: unknown, headers: IncomingHttpHeaders): Chat | string {
  if (headers["anthropic-version"] === undefined) return "anthropic-version: header is required";
  if (!isRecord(body)) return "The body must be a JSON object.";
  const { model, stream, max_tokens: maxTokens } = body;
  if (typeof model !== "string" || model === "") return "model must be a text that is not empty.";
  if (!Number.isInteger(maxTokens) || Number(maxTokens) < 1) {
    return "max_tokens must be a whole number of at least 1.";
  }
  if (stream !== true) return "stream must be true: only streamed answers are emulated.";
  const messages = readTurns(body["messages"]);
  if (typeof messages === "string") return messages;
  return {
    messages,
    pieces: (contextId) =>
      createMessageEvents({
        id: `msg_${contextId}`,
        model,
        usage: (outputTokens) => tokenUsage(messages, outputTokens),
      }),
  };
}

function readTurns(value: unknown): readonly ChatMessage[] | string {
  const messages = readMessages(value, "messages", ({ role, content }) =>
    role === "user" || role === "assistant" ? textOfBlocks(content) : undefined,
  );
  if (typeof messages === "string" || !Array.isArray(value)) return messages;
  // A result of a tool is what the user says.
  return messages.map((message, at) =>
    isResult(value[at]) ? { role: "tool", content: message.content } : message,
  );
}

function textOfBlocks(content: unknown): string | undefined {
  if (!Array.isArray(content)) return textOfParts(content);
  return textOfParts(
    content.map((block: unknown) =>
      isRecord(block) && block["type"] === "tool_result"
        ? { text: textOfParts(block["content"]) ?? "" }
        : block,
    ),
  );
}

/** Whether a turn ends with the result of a tool. */
function isResult(turn: unknown): boolean {
  const content = isRecord(turn) ? turn["content"] : undefined;
  const last: unknown = Array.isArray(content) ? content.at(-1) : undefined;
  return isRecord(last) && last["type"] === "tool_result";
}
