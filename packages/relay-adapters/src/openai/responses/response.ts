import type { ErrorEvent, StopEvent, StreamEvent, Usage } from "@gatestream/protocol";
import { errorObject, isCancelled } from "../refusal.ts";
import type { ResponseEvent } from "./items.ts";
import { ResponseOutput } from "./output.ts";

/** What is known of a response besides its answer: the same on every relay that has its stream. */
export interface ResponseFacts {
  readonly model: string;
  /** In milliseconds since 1970. */
  readonly startedAt: number;
  readonly metadata: object;
  readonly isBackground: boolean;
}

type ResponseStatus =
  | "queued"
  | "in_progress"
  | "completed"
  | "incomplete"
  | "failed"
  | "cancelled";

const idPrefix = "resp_";

export function responseIdOf(streamId: string): string {
  return `${idPrefix}${streamId}`;
}

/** Undefined for an id that is none of this relay's. */
export function streamIdOf(responseId: string): string | undefined {
  return responseId.startsWith(idPrefix) ? responseId.slice(idPrefix.length) : undefined;
}

/** A response (OpenAI API reference, "The response object"), and the events that make it what it is. */
export class ResponseInProgress {
  readonly #streamId: string;
  readonly #facts: ResponseFacts;
  readonly #output: ResponseOutput;
  #status: ResponseStatus = "in_progress";
  #error: object | null = null;
  #incompleteDetails: object | null = null;
  #usage: object | null = null;

  constructor(streamId: string, facts: ResponseFacts) {
    this.#streamId = streamId;
    this.#facts = facts;
    this.#output = new ResponseOutput(streamId);
  }

  /** The first events of every response. */
  begin(): readonly ResponseEvent[] {
    const response = this.object;
    return [
      { type: "response.created", response },
      { type: "response.in_progress", response },
    ];
  }

  /** What an event of the relay is; none for one that the API has no place for. */
  accept(event: StreamEvent): readonly ResponseEvent[] {
    if (event.type === "stop") return this.#end(event as StopEvent);
    if (event.type !== "error") return this.#output.accept(event);
    const { code, message } = event as ErrorEvent;
    return this.fail(code, message);
  }

  /**
   * It ends with what is there. `response.failed` is only one more event for a loop that does not look
   * at types: `error` is what clients throw.
   */
  fail(code: string, message: string): readonly ResponseEvent[] {
    this.#output.close("incomplete");
    this.#status = "failed";
    this.#error = { code, message };
    return [{ type: "response.failed", response: this.object }, errorEvent(code, message)];
  }

  #end(stop: StopEvent): readonly ResponseEvent[] {
    this.#usage = stop.usage === undefined ? null : usageOf(stop.usage);
    const reason = isCancelled(stop) ? stop.reason : incompleteReasons[stop.reason];
    if (reason === undefined) {
      const closed = this.#output.close("completed");
      this.#status = "completed";
      return [...closed, { type: "response.completed", response: this.object }];
    }
    const closed = this.#output.close("incomplete");
    this.#status = isCancelled(stop) ? "cancelled" : "incomplete";
    this.#incompleteDetails = { reason };
    return [...closed, { type: "response.incomplete", response: this.object }];
  }

  /** It waits for its turn. */
  markQueued(): void {
    this.#status = "queued";
  }

  get object(): object {
    const { model, startedAt, metadata, isBackground } = this.#facts;
    return {
      id: responseIdOf(this.#streamId),
      object: "response",
      created_at: Math.floor(startedAt / 1_000),
      status: this.#status,
      background: isBackground,
      error: this.#error,
      incomplete_details: this.#incompleteDetails,
      metadata,
      model,
      output: this.#output.items,
      store: isBackground,
      usage: this.#usage,
      // What the request said is not kept: these are there because typed clients read them.
      instructions: null,
      parallel_tool_calls: true,
      temperature: null,
      tool_choice: "auto",
      tools: [],
      top_p: null,
    };
  }
}

/** As OpenAI sends it: its reference has the fields, its clients throw what is in `error`. */
export function errorEvent(code: string, message: string): ResponseEvent {
  return { type: "error", code, message, param: null, error: errorObject(code, message) };
}

const incompleteReasons: Readonly<Record<string, string>> = {
  length: "max_output_tokens",
  content_filter: "content_filter",
};

function usageOf(usage: Usage): object {
  const { inputTokens = 0, outputTokens = 0, totalTokens = inputTokens + outputTokens } = usage;
  const { reasoningTokens = 0, cachedInputTokens = 0 } = usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: totalTokens,
  };
}
