import { isRecord, readMessages } from "../chat-messages.ts";
import type { Chat } from "../dialect.ts";
import { tokenUsage } from "../token-usage.ts";
import { createLines } from "./lines.ts";

/** `{configurationId, input: {messages}, stream: true}` */
export function readChat(body: unknown): Chat | string {
  if (!isRecord(body)) return "The body must be a JSON object.";
  const { configurationId, input, stream } = body;
  if (typeof configurationId !== "string" || configurationId === "") {
    return "configurationId must be a text that is not empty.";
  }
  if (stream !== true) return "stream must be true: only streamed answers are emulated.";

  const messages = readMessages(isRecord(input) ? input["messages"] : undefined, "input.messages");
  if (typeof messages === "string") return messages;
  return {
    messages,
    pieces: (contextId) =>
      createLines(contextId, (outputTokens) => tokenUsage(messages, outputTokens)),
  };
}
