import type { AnswerPart, ToolCallPart } from "../answer/answer-parts.ts";
import type { ChatOptions } from "./chat-options.ts";

/** Whether a tool is to be called: the call is whole, and has no result. */
export function isOpenCall(part: AnswerPart): part is ToolCallPart {
  return part.type === "tool_call" && part.isComplete && part.result === undefined;
}

/** The parts with the results of their calls, which run side by side, and what one of them threw. */
export async function withToolResults(
  parts: readonly AnswerPart[],
  onToolCall: NonNullable<ChatOptions["onToolCall"]>,
  signal: AbortSignal,
): Promise<{ readonly parts: readonly AnswerPart[]; readonly failures: readonly unknown[] }> {
  const failures: unknown[] = [];
  const called = parts.map(async (part) => {
    if (!isOpenCall(part)) return part;
    try {
      const value = await onToolCall(part, { signal });
      return { ...part, result: typeof value === "string" ? value : (JSON.stringify(value) ?? "") };
    } catch (failure) {
      failures.push(failure);
      return part;
    }
  });
  return { parts: await Promise.all(called), failures };
}
