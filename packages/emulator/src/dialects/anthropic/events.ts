import type { AnswerPieces, EndReason } from "../dialect.ts";
import { namedEvent } from "../sse.ts";
import type { TokenUsage } from "../token-usage.ts";

export interface MessageOptions {
  readonly id: string;
  readonly model: string;
  usage(this: void, outputTokens: number): TokenUsage;
}

type Kind = "text" | "thinking";

const stopReasons: Readonly<Record<EndReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
};

/** An answer as the events of a message: blocks one after the other, each begun and stopped. */
export function createMessageEvents({ id, model, usage }: MessageOptions): AnswerPieces {
  let isBegun = false;
  let index = -1;
  let open: Kind | undefined;

  function opening(): string {
    if (isBegun) return "";
    isBegun = true;
    const { inputTokens } = usage(0);
    const message = {
      id,
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: inputTokens,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 1,
      },
    };
    return event("message_start", { message });
  }

  function event(type: string, fields: object): string {
    return namedEvent({ type, ...fields });
  }

  const delta = (fields: object): string => event("content_block_delta", { index, delta: fields });
  const stopBlock = (): string => event("content_block_stop", { index });

  function closing(): string {
    const closed = open;
    open = undefined;
    if (closed === undefined) return "";
    const signature = { type: "signature_delta", signature: "ZW11bGF0ZWQ=" };
    return (closed === "thinking" ? delta(signature) : "") + stopBlock();
  }

  function begin(block: object): string {
    const before = opening() + closing();
    index += 1;
    return before + event("content_block_start", { index, content_block: block });
  }

  /** What has to come before a piece of this kind. */
  function enter(kind: Kind): string {
    if (open === kind) return "";
    const block = kind === "text" ? { type: "text", text: "" } : thinkingBlock;
    const before = begin(block);
    open = kind;
    return before;
  }

  return {
    contentType: "text/event-stream",
    token: (content) => enter("text") + delta({ type: "text_delta", text: content }),
    reasoning: (content) =>
      enter("thinking") + delta({ type: "thinking_delta", thinking: content }),
    toolCall: ({ callId, name, argumentPieces }) => [
      begin({ type: "tool_use", id: callId, name, input: {} }),
      ...argumentPieces.map((piece) => delta({ type: "input_json_delta", partial_json: piece })),
      stopBlock(),
    ],
    source: ({ url, title }) =>
      enter("text") +
      delta({
        type: "citations_delta",
        citation: { type: "web_search_result_location", url, title, cited_text: title },
      }),
    end(count, { reason = "stop" } = {}) {
      const before = (index === -1 ? enter("text") : "") + closing();
      const ending = { stop_reason: stopReasons[reason], stop_sequence: null };
      const { outputTokens } = usage(count);
      return (
        before +
        event("message_delta", { delta: ending, usage: { output_tokens: outputTokens } }) +
        event("message_stop", {})
      );
    },
    error: () =>
      event("error", {
        error: { type: "overloaded_error", message: "The model stopped unexpectedly." },
      }),
    malformed:
      'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"never clo\n\n',
    filler: 'event: ping\ndata: {"type":"ping"}\n\n',
  };
}

const thinkingBlock = { type: "thinking", thinking: "", signature: "" };
