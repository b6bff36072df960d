import type { AnswerPieces } from "../dialect.ts";
import { namedEvent } from "../sse.ts";
import type { TokenUsage } from "../token-usage.ts";

export interface ResponseOptions {
  readonly id: string;
  readonly model: string;
  /** Unix time in seconds. */
  readonly created: number;
  usage(this: void, outputTokens: number): TokenUsage;
}

type Kind = "message" | "reasoning";

/** An answer as the events of a response: items one after the other, each begun and done. */
export function createResponseEvents(options: ResponseOptions): AnswerPieces {
  const { id, model, created, usage } = options;
  let sequence = 0;
  let outputIndex = -1;
  let open: Kind | undefined;
  let text = "";
  let annotations: object[] = [];
  let isBegun = false;

  function event(type: string, fields: object): string {
    const sequenceNumber = sequence;
    sequence += 1;
    return namedEvent({ type, sequence_number: sequenceNumber, ...fields });
  }

  function response(status: string, more: object = {}): object {
    return {
      response: {
        id,
        object: "response",
        created_at: created,
        status,
        error: null,
        incomplete_details: null,
        model,
        output: [],
        usage: null,
        ...more,
      },
    };
  }

  function opening(): string {
    if (isBegun) return "";
    isBegun = true;
    const running = response("in_progress");
    return event("response.created", running) + event("response.in_progress", running);
  }

  const itemId = (): string => `item_${outputIndex}`;
  const ofItem = (): object => ({ item_id: itemId(), output_index: outputIndex });
  const item = (type: string, fields: object): object => ({
    output_index: outputIndex,
    item: { id: itemId(), type, ...fields },
  });
  const part = (): object => ({
    content_index: 0,
    part: { type: "output_text", text, annotations },
  });

  function closing(): string {
    const closed = open;
    open = undefined;
    if (closed === undefined) return "";
    if (closed === "reasoning") {
      return (
        event("response.reasoning_summary_text.done", { ...ofItem(), summary_index: 0, text }) +
        event("response.output_item.done", item("reasoning", { summary: [] }))
      );
    }
    return (
      event("response.output_text.done", { ...ofItem(), content_index: 0, text }) +
      event("response.content_part.done", { ...ofItem(), ...part() }) +
      event("response.output_item.done", item("message", { role: "assistant", content: [] }))
    );
  }

  /** What has to come before a piece of this kind. */
  function enter(kind: Kind): string {
    if (open === kind) return "";
    const before = opening() + closing();
    open = kind;
    outputIndex += 1;
    text = "";
    annotations = [];
    if (kind === "reasoning") {
      return (
        before +
        event("response.output_item.added", item("reasoning", { summary: [] })) +
        event("response.reasoning_summary_part.added", {
          ...ofItem(),
          summary_index: 0,
          part: { type: "summary_text", text: "" },
        })
      );
    }
    return (
      before +
      event("response.output_item.added", item("message", { role: "assistant", content: [] })) +
      event("response.content_part.added", { ...ofItem(), ...part() })
    );
  }

  /** An item that begins and ends by itself. */
  function next(): string {
    const before = opening() + closing();
    outputIndex += 1;
    return before;
  }

  return {
    contentType: "text/event-stream",
    token(content) {
      const before = enter("message");
      text += content;
      const delta = { ...ofItem(), content_index: 0, delta: content };
      return before + event("response.output_text.delta", delta);
    },
    reasoning(content) {
      const before = enter("reasoning");
      text += content;
      const delta = { ...ofItem(), summary_index: 0, delta: content };
      return before + event("response.reasoning_summary_text.delta", delta);
    },
    toolCall({ callId, name, argumentPieces }) {
      const identity = { call_id: callId, name };
      const whole = argumentPieces.join("");
      return [
        next() +
          event(
            "response.output_item.added",
            item("function_call", { ...identity, arguments: "" }),
          ),
        ...argumentPieces.map((delta) =>
          event("response.function_call_arguments.delta", { ...ofItem(), delta }),
        ),
        event("response.function_call_arguments.done", { ...ofItem(), arguments: whole }) +
          event(
            "response.output_item.done",
            item("function_call", { ...identity, arguments: whole }),
          ),
      ];
    },
    source({ url, title }) {
      const before = enter("message");
      const annotation = { type: "url_citation", url, title, start_index: 0, end_index: 0 };
      const at = { content_index: 0, annotation_index: annotations.length, annotation };
      annotations.push(annotation);
      return before + event("response.output_text.annotation.added", { ...ofItem(), ...at });
    },
    file({ mediaType, data }) {
      const format = mediaType.replace("image/", "");
      return (
        next() +
        event("response.output_item.added", item("image_generation_call", {})) +
        event(
          "response.output_item.done",
          item("image_generation_call", { output_format: format, result: data }),
        )
      );
    },
    end(count, { reason = "stop" } = {}) {
      const before = (open === undefined && outputIndex === -1 ? enter("message") : "") + closing();
      const { inputTokens, outputTokens } = usage(count);
      const told = {
        usage: {
          input_tokens: inputTokens,
          output_tokens: outputTokens,
          total_tokens: inputTokens + outputTokens,
        },
      };
      if (reason !== "length") {
        return before + event("response.completed", response("completed", told));
      }
      const details = { incomplete_details: { reason: "max_output_tokens" } };
      return before + event("response.incomplete", response("incomplete", { ...told, ...details }));
    },
    error: () =>
      event("error", { code: "model_error", message: "The model stopped unexpectedly." }),
    malformed: 'data: {"type":"response.output_text.delta","delta":"never clo\n\n',
    filler: ": ping\n\n",
  };
}
