import type { AnswerPieces } from "../dialect.ts";
import type { TokenUsage } from "../token-usage.ts";

export interface ChunkOptions {
  readonly id: string;
  readonly model: string;
  /** Unix time in seconds. */
  readonly created: number;
  /** What the answer consumed; given when the request asks for it. */
  readonly usage?: ((outputTokens: number) => TokenUsage) | undefined;
}

/** An answer as server-sent events, each a `chat.completion.chunk`. */
export function createChunks({ id, model, created, usage }: ChunkOptions): AnswerPieces {
  // With `include_usage` every chunk has `usage`: null until the last one.
  const noUsage = usage === undefined ? {} : { usage: null };
  const chunk = (choices: readonly object[], more: object = noUsage): string =>
    event({ id, object: "chat.completion.chunk", created, model, choices, ...more });
  const choice = (delta: object, finishReason: string | null = null): string =>
    chunk([{ index: 0, delta, finish_reason: finishReason }]);
  // The role comes in front of whatever is sent first.
  const opening = (index: number): string =>
    index === 0 ? choice({ role: "assistant", content: "" }) : "";

  return {
    contentType: "text/event-stream",
    token: (content, index) => opening(index) + choice({ content }),
    end: (count, reason = "stop") =>
      opening(count) +
      choice({}, reason) +
      (usage === undefined ? "" : chunk([], { usage: usageFields(usage(count)) })) +
      "data: [DONE]\n\n",
    error: event({
      error: {
        message: "The model stopped unexpectedly.",
        type: "server_error",
        code: "model_error",
      },
    }),
    malformed: 'data: {"choices":[{"index":0,"delta":{"content":"never clo\n\n',
    filler: ": ping\n\n",
  };
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function usageFields({ inputTokens, outputTokens }: TokenUsage): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}
