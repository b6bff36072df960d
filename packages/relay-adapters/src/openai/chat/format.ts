import type {
  ErrorEvent,
  SourceEvent,
  StartEvent,
  StopEvent,
  StreamEvent,
  ToolCallEvent,
  Usage,
} from "@gatestream/protocol";
import type { AdapterFormat } from "@gatestream/relay/parts";
import { done, frame, framesOf, heartbeat, retry } from "../../frames.ts";
import { cancelled, errorObject, forgotten, isCancelled, movedOn } from "../refusal.ts";

const finishReasons: ReadonlySet<string> = new Set([
  "stop",
  "length",
  "tool_calls",
  "content_filter",
]);

/** The API has no other words; what ended in its own way is `stop`. */
export function finishReasonOf(reason: string): string {
  return finishReasons.has(reason) ? reason : "stop";
}

export function usageOf(usage: Usage): object {
  const { inputTokens = 0, outputTokens = 0, totalTokens = inputTokens + outputTokens } = usage;
  const { reasoningTokens, cachedInputTokens } = usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: totalTokens,
    ...(cachedInputTokens !== undefined && {
      prompt_tokens_details: { cached_tokens: cachedInputTokens },
    }),
    ...(reasoningTokens !== undefined && {
      completion_tokens_details: { reasoning_tokens: reasoningTokens },
    }),
  };
}

export interface CompletionOptions {
  readonly model: string;
  /** When the answer was asked for, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Whether a last chunk has the usage: `stream_options.include_usage`. */
  readonly includesUsage: boolean;
  /** The id of the last chunk that the client has. @defaultValue none */
  readonly after?: number | undefined;
}

/**
 * Chunks of a chat completion (OpenAI API reference, "The chat completion chunk object"). A client that
 * resumes is given the stream from its start, and what it has is left out: the index of a call, and how
 * much of its arguments was sent, are in what came before.
 */
export function createCompletionFormat(options: CompletionOptions): AdapterFormat {
  return new CompletionFormat(options);
}

class CompletionFormat implements AdapterFormat {
  readonly mediaType = "text/event-stream";
  readonly heartbeat = heartbeat;
  readonly #options: CompletionOptions;
  #id = "";
  isOver = false;
  /** The calls so far, in order, with the length of their arguments. */
  readonly #calls = new Map<string, { readonly index: number; chars: number }>();

  constructor(options: CompletionOptions) {
    this.#options = options;
  }

  begin({ streamId }: StartEvent): string {
    this.#id = streamId;
    if (this.#options.after !== undefined) return retry;
    return `${retry}${frame(this.#chunk({ role: "assistant", content: "" }), 0)}`;
  }

  encode(events: readonly StreamEvent[], firstId: number): string {
    const { after = 0 } = this.#options;
    let text = "";
    let id = firstId;
    for (const event of events) {
      const notice = this.#noticeOf(event);
      if (notice !== undefined) {
        text += notice;
        // What comes behind a hole is no answer.
        if (this.isOver) break;
        continue;
      }
      const frames = this.#framesOf(event, id);
      // A reader that had more than the log, from a relay that has died, receives the end alone.
      const isEnd = event.type === "stop" || event.type === "error";
      if (id > after || isEnd) text += frames;
      id += 1;
    }
    return text;
  }

  #framesOf(event: StreamEvent, id: number): string {
    switch (event.type) {
      case "token":
        return frame(this.#chunk({ content: event.content }), id);
      case "reasoning":
        return frame(this.#chunk({ reasoning_content: event.content }), id);
      case "tool_call":
        return frame(this.#chunk(this.#callDelta(event as ToolCallEvent)), id);
      case "source":
        return frame(this.#chunk({ annotations: [annotationOf(event as SourceEvent)] }), id);
      case "stop":
        return this.#end(event as StopEvent, id);
      case "error":
        return errorFrame(event as ErrorEvent, id);
      default:
        // A chunk without choices would crash ordinary loops.
        return frame({ ...this.#chunk({}), gatestream: event }, id);
    }
  }

  #end(stop: StopEvent, id: number): string {
    // The API has no word for it, and its clients take every finish_reason for a whole answer.
    if (isCancelled(stop)) return errorFrame(cancelled, id);
    const { reason, usage } = stop;
    const last = this.#chunk({}, finishReasonOf(reason));
    if (!this.#options.includesUsage || usage === undefined) return framesOf([last, done], id);
    const counted = { ...this.#chunk({}), choices: [], usage: usageOf(usage) };
    return framesOf([last, counted, done], id);
  }

  #callDelta({ callId, name, argumentsDelta, arguments: whole }: ToolCallEvent): object {
    const known = this.#calls.get(callId);
    const call = known ?? { index: this.#calls.size, chars: 0 };
    this.#calls.set(callId, call);
    // Of arguments that come whole after pieces the client has the beginning.
    const added = argumentsDelta ?? whole?.slice(call.chars) ?? "";
    call.chars += added.length;
    const identity = known === undefined ? { id: callId, type: "function" } : {};
    const named = known === undefined ? { name } : {};
    return {
      tool_calls: [{ index: call.index, ...identity, function: { ...named, arguments: added } }],
    };
  }

  #chunk(delta: object, finishReason: string | null = null) {
    const { model, startedAt } = this.#options;
    return {
      id: this.#id,
      object: "chat.completion.chunk",
      created: Math.floor(startedAt / 1_000),
      model,
      choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }],
    };
  }

  /** The format has room for nothing but comments; undefined for what is no notice. */
  #noticeOf(event: StreamEvent): string | undefined {
    switch (event.type) {
      case "queued":
        return `: queued ${Number(event["position"])}\n`;
      case "warning":
      case "live":
      case "start":
        return "";
      case "gap":
        this.isOver = true;
        return errorFrame(forgotten);
      case "reconnect":
        return errorFrame(movedOn);
      default:
        return undefined;
    }
  }
}

function errorFrame(
  { code, message }: Pick<ErrorEvent, "message"> & { code: string },
  id?: number,
) {
  return frame({ error: errorObject(code, message) }, id);
}

/** A source as an annotation of the message. */
export function annotationOf(source: SourceEvent): object {
  const { sourceId, url = "", title = sourceId, from = 0, to = 0 } = source;
  const citation = { url, title, start_index: from, end_index: to };
  return { type: "url_citation", url_citation: citation };
}
