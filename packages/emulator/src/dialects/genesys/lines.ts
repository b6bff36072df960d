import type { AnswerPieces } from "../dialect.ts";

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
export function createLines(contextId: string): AnswerPieces {
  return {
    contentType: "application/x-ndjson",
    token: tokenLine,
    end: stopLine,
    error: line({
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
