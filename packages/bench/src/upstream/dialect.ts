/** How a gateway spells an answer. */
export interface Dialect {
  readonly contentType: string;
  token(content: string, index: number): string;
  readonly end: string;
}

/** The gateway's own. */
export const linesOfJson: Dialect = {
  contentType: "application/x-ndjson",
  token: (content, index) => `${JSON.stringify({ type: "token", content, index })}\n`,
  end: '{"type":"stop"}\n',
};

/** For peers that speak to OpenAI's API only. */
export const openai: Dialect = {
  contentType: "text/event-stream",
  token: (content) => completion({ content }, null),
  end: `${completion({}, "stop")}data: [DONE]\n\n`,
};

function completion(delta: object, finishReason: string | null): string {
  const chunk = {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "bench",
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
