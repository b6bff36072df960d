import { countTokens } from "../answer/tokenize.ts";
import type { ChatMessage } from "./chat-messages.ts";

export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What a chat consumed, the messages counted by the same rule as the answer. */
export function tokenUsage(messages: readonly ChatMessage[], outputTokens: number): TokenUsage {
  const inputTokens = messages.reduce((sum, { content }) => sum + countTokens(content), 0);
  return { inputTokens, outputTokens };
}
