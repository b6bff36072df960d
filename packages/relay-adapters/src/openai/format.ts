import type {
  SourceEvent,
  StartEvent,
  StopEvent,
  StreamEvent,
  ToolCallEvent,
  Usage,
} from "@gatestream/protocol";
import type { AdapterFormat } from "@gatestream/relay/parts";
import { frame, heartbeat, retry } from "../frames.ts";

/** What the API says of a failure. */
export function errorObject(code: string, message: string): object {
  return { message, type: code, code, param: null };
}

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

/** The calls of a whole answer. */
export function toolCallsIn(events: readonly StreamEvent[]): readonly object[] {
  const calls = new Map<string, { name: string; text: string }>();
  for (const event of events) {
    if (event.type !== "tool_call") continue;
    const { callId, name, argumentsDelta = "", arguments: whole } = event as ToolCallEvent;
    const text = whole ?? `${calls.get(callId)?.text ?? ""}${argumentsDelta}`;
    calls.set(callId, { name, text });
  }
  return [...calls].map(([id, { name, text }]) => {
    return { id, type: "function", function: { name, arguments: text } };
  });
}

export interface CompletionOptions {
  readonly model: string;
  /** Whether a last chunk has the usage: `stream_options.include_usage`. */
  readonly includesUsage: boolean;
}

/** Chunks of a chat completion (OpenAI API reference, "The chat completion chunk object"). */
export function createCompletionFormat(options: CompletionOptions): AdapterFormat {
  return new CompletionFormat(options);
}

class CompletionFormat implements AdapterFormat {
  readonly mediaType = "text/event-stream";
  readonly heartbeat = heartbeat;
  readonly #options: CompletionOptions;
  readonly #created = Math.floor(Date.now() / 1_000);
  #id = "";
  /** The calls so far, in order, with the length of their arguments. */
  readonly #calls = new Map<string, { readonly index: number; chars: number }>();

  constructor(options: CompletionOptions) {
    this.#options = options;
  }

  begin({ streamId }: StartEvent): string {
    this.#id = streamId;
    return `${retry}${frame(this.#chunk({ role: "assistant", content: "" }), 0)}`;
  }

  encode(events: readonly StreamEvent[], firstId: number): string {
    let text = "";
    let id = firstId;
    for (const event of events) {
      const notice = noticeOf(event);
      if (notice !== undefined) {
        text += notice;
        continue;
      }
      text += this.#framesOf(event, id);
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
        return frame(this.#chunk(annotationOf(event as SourceEvent)), id);
      case "stop":
        return this.#end(event as StopEvent, id);
      case "error":
        return frame({ error: errorObject(String(event["code"]), String(event["message"])) }, id);
      default:
        // A chunk without choices would crash ordinary loops.
        return frame({ ...this.#chunk({}), gatestream: event }, id);
    }
  }

  #end({ reason, usage }: StopEvent, id: number): string {
    const last = this.#chunk({}, finishReasonOf(reason));
    const done = "data: [DONE]\n\n";
    if (!this.#options.includesUsage || usage === undefined) return `${frame(last, id)}${done}`;
    const counted = { ...this.#chunk({}), choices: [], usage: usageOf(usage) };
    return `${frame(last)}${frame(counted, id)}${done}`;
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
    return {
      id: this.#id,
      object: "chat.completion.chunk",
      created: this.#created,
      model: this.#options.model,
      choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }],
    };
  }
}

/** The format has room for nothing but comments. */
function noticeOf(event: StreamEvent): string | undefined {
  switch (event.type) {
    case "queued":
      return `: queued ${Number(event["position"])}\n`;
    case "warning":
    case "gap":
    case "live":
    case "start":
      return "";
    case "reconnect":
      return frame({ error: errorObject("relay_draining", "The relay is stopping; ask again.") });
    default:
      return undefined;
  }
}

function annotationOf({ sourceId, url = "", title = sourceId, from = 0, to = 0 }: SourceEvent) {
  const citation = { url, title, start_index: from, end_index: to };
  return { annotations: [{ type: "url_citation", url_citation: citation }] };
}
