import type { AnswerPieces } from "../dialect.ts";
import { sseEvent } from "../sse.ts";
import type { TokenUsage } from "../token-usage.ts";

export interface ChunkOptions {
  readonly id: string;
  readonly model: string;
  /** Unix time in seconds. */
  readonly created: number;
  /** Whether the request asks for the usage. */
  readonly includeUsage: boolean;
  usage(this: void, outputTokens: number): TokenUsage;
}

/** An answer as server-sent events, each a `chat.completion.chunk`. */
export function createChunks(options: ChunkOptions): AnswerPieces {
  const { id, model, created, includeUsage, usage } = options;
  let isOpen = false;
  let calls = 0;
  // With `include_usage` every chunk has `usage`: null until the last one.
  const noUsage = includeUsage ? { usage: null } : {};
  const chunk = (choices: readonly object[], more: object = noUsage): string =>
    sseEvent({ id, object: "chat.completion.chunk", created, model, choices, ...more });
  const choice = (delta: object, finishReason: string | null = null): string =>
    chunk([{ index: 0, delta, finish_reason: finishReason }]);

  /** The role comes in front of whatever is sent first. */
  function opening(): string {
    if (isOpen) return "";
    isOpen = true;
    return choice({ role: "assistant", content: "" });
  }

  return {
    contentType: "text/event-stream",
    token: (content) => opening() + choice({ content }),
    reasoning: (content) => opening() + choice({ reasoning_content: content }),
    toolCall({ callId, name, argumentPieces }) {
      const index = calls;
      calls += 1;
      const begun = { index, id: callId, type: "function", function: { name, arguments: "" } };
      return [
        opening() + choice({ tool_calls: [begun] }),
        ...argumentPieces.map((piece) =>
          choice({ tool_calls: [{ index, function: { arguments: piece } }] }),
        ),
      ];
    },
    source: ({ url, title }) =>
      opening() +
      choice({
        annotations: [
          { type: "url_citation", url_citation: { url, title, start_index: 0, end_index: 0 } },
        ],
      }),
    // As OpenRouter has it.
    file: ({ mediaType, data }) =>
      opening() +
      choice({
        images: [{ type: "image_url", image_url: { url: `data:${mediaType};base64,${data}` } }],
      }),
    end: (count, { reason = "stop", withUsage = includeUsage } = {}) =>
      opening() +
      choice({}, reason) +
      (withUsage ? chunk([], { usage: usageFields(usage(count)) }) : "") +
      "data: [DONE]\n\n",
    error: () =>
      sseEvent({
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

function usageFields({ inputTokens, outputTokens }: TokenUsage): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}
