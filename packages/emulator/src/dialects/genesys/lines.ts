import type { AnswerPieces } from "../dialect.ts";
import type { TokenUsage } from "../token-usage.ts";

export function line(event: object): string {
  return `${JSON.stringify(event)}\n`;
}

export function tokenLine(content: string, index: number): string {
  return line({ type: "token", content, index });
}

/** `more` are fields that only some answers have. */
export function stopLine(index: number, finishReason = "stop", more: object = {}): string {
  return line({ type: "stop", index, finishReason, ...more });
}

/** An answer as newline-delimited JSON. */
export function createLines(
  contextId: string,
  usage: (outputTokens: number) => TokenUsage,
): AnswerPieces {
  let sources = 0;
  return {
    contentType: "application/x-ndjson",
    token: tokenLine,
    reasoning: (content) => line({ type: "reasoning", content }),
    toolCall: ({ callId, name, argumentPieces }) =>
      argumentPieces.map((argumentsDelta, at) =>
        line({
          type: "tool_call",
          callId,
          name,
          argumentsDelta,
          ...(at === argumentPieces.length - 1 && { isComplete: true }),
        }),
      ),
    source({ url, title }) {
      sources += 1;
      return line({ type: "source", sourceId: String(sources), url, title });
    },
    file: (file) => line({ type: "file", ...file }),
    end: (count, { reason = "stop", withUsage = false } = {}) =>
      stopLine(count, reason, withUsage ? { usage: usage(count) } : {}),
    error: () =>
      line({
        type: "error",
        message: "The model stopped unexpectedly.",
        code: "model.error",
        status: 500,
        contextId,
      }),
    malformed: '{"type":"token","content":"never clo\n',
    filler: "\n",
  };
}
