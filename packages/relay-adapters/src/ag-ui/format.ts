import type { StopEvent, StreamEvent, ToolCallEvent, Usage } from "@gatestream/protocol";
import type { AdapterFormat } from "@gatestream/relay/parts";
import { heartbeat, retry } from "../frames.ts";
import { type Cursor, frameId } from "./cursor.ts";

export interface Run {
  readonly threadId: string;
  readonly runId: string;
  /** What the client has, and does not get again. @defaultValue nothing */
  readonly after?: Cursor | undefined;
  /** Whether the client knows the outcome `cancelled`, as those of AG-UI 1.0 do. @defaultValue false */
  readonly knowsCancelled?: boolean;
}

/** AG-UI 1.0 as Server-Sent Events. */
export function createAgUiFormat(run: Run): AdapterFormat {
  return new AgUiFormat(run);
}

class AgUiFormat implements AdapterFormat {
  readonly mediaType = "text/event-stream";
  readonly heartbeat = heartbeat;
  readonly cutsUnfinished = true;
  isOver = false;
  readonly #run: Run;
  /** The message that is open. */
  #open: { readonly kind: "text" | "reasoning"; readonly messageId: string } | undefined;
  /** The assistant's message that calls of tools belong to, also when its text has ended. */
  #parentId: string | undefined;
  /** Counted apart: where the beginning of an answer is no longer kept, its text has the same id all the same. */
  readonly #counts = { text: 0, reasoning: 0 };
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
  }

  begin(): string {
    const { threadId, runId, after } = this.#run;
    if (after !== undefined) return retry;
    return `${retry}${frame({ type: "RUN_STARTED", threadId, runId }, "0")}`;
  }

  encode(events: readonly StreamEvent[], firstId: number): string {
    let text = "";
    let id = firstId;
    for (const event of events) {
      if (this.isOver) break;
      const notice = this.#noticeOf(event);
      if (notice !== undefined) {
        text += notice;
        continue;
      }
      // Encoded also where the client has it: it says which message is open.
      text += this.#framesOf(this.#eventsOf(event), id);
      id += 1;
    }
    return text;
  }

  /** One event, without the frames that the client has. */
  #framesOf(frames: readonly AgUiEvent[], id: number): string {
    const { eventId, frames: had } = this.#run.after ?? { eventId: 0, frames: 0 };
    const skipped = id <= eventId ? frames.length : id === eventId + 1 ? had : 0;
    const last = frames.at(-1);
    if (skipped >= frames.length) {
      // A client whose connection broke behind the end asks for it again, and one may be ahead of the
      // log of a relay that has died. Without an id: one that it has would be passed over.
      return last !== undefined && isTerminal(last) ? frame(last) : "";
    }
    return frames
      .slice(skipped)
      .map((value, index) => frame(value, frameId(id, skipped + index, frames.length)))
      .join("");
  }

  #eventsOf(event: StreamEvent): readonly AgUiEvent[] {
    switch (event.type) {
      case "token":
        return this.#delta("text", String(event.content));
      case "reasoning":
        return this.#delta("reasoning", String(event.content));
      case "tool_call":
        return [...this.#close(), ...this.#callEvents(event as ToolCallEvent)];
      case "stop":
        return [...this.#close(), ...this.#endCalls(), this.#finished(event as StopEvent)];
      case "error":
        return [{ type: "RUN_ERROR", message: event["message"], code: event["code"] }];
      default: {
        const { type: name, ...value } = event;
        return [{ type: "CUSTOM", name, value }];
      }
    }
  }

  /** What an event without an id becomes; undefined for one that has one. */
  #noticeOf(event: StreamEvent): string | undefined {
    switch (event.type) {
      case "gap":
        return this.#truncated(Number(event["to"]));
      case "queued":
      case "warning":
        break;
      case "live":
      case "start":
      case "reconnect":
        return "";
      default:
        return undefined;
    }
    const { type, ...value } = event;
    return frame({ type: "CUSTOM", name: `gatestream.${type}`, value });
  }

  /** Nothing, where the client has what is no longer kept. */
  #truncated(lastLostId: number): string {
    if (lastLostId <= (this.#run.after?.eventId ?? 0)) return "";
    this.isOver = true;
    const message = "A part of the answer is no longer kept.";
    return frame({ type: "RUN_ERROR", message, code: "truncated" });
  }

  #delta(kind: "text" | "reasoning", delta: string): readonly AgUiEvent[] {
    const before = this.#open?.kind === kind ? [] : this.#begin(kind);
    const { messageId } = this.#open ?? {};
    const type = kind === "text" ? "TEXT_MESSAGE_CONTENT" : "REASONING_MESSAGE_CONTENT";
    return [...before, { type, messageId, delta }];
  }

  #begin(kind: "text" | "reasoning"): readonly AgUiEvent[] {
    const closed = this.#close();
    const messageId = this.#nextId(kind);
    this.#open = { kind, messageId };
    this.#parentId = kind === "text" ? messageId : undefined;
    if (kind === "text") {
      return [...closed, { type: "TEXT_MESSAGE_START", messageId, role: "assistant" }];
    }
    return [
      ...closed,
      { type: "REASONING_START", messageId },
      { type: "REASONING_MESSAGE_START", messageId, role: "reasoning" },
    ];
  }

  #close(): readonly AgUiEvent[] {
    if (this.#open === undefined) return [];
    const { kind, messageId } = this.#open;
    this.#open = undefined;
    if (kind === "text") return [{ type: "TEXT_MESSAGE_END", messageId }];
    return [
      { type: "REASONING_MESSAGE_END", messageId },
      { type: "REASONING_END", messageId },
    ];
  }

  #callEvents({ callId, name, argumentsDelta, arguments: whole, isComplete }: ToolCallEvent) {
    const events: AgUiEvent[] = [];
    const isNew = !this.#begun.has(callId);
    this.#begun.add(callId);
    if (isNew) {
      const parentMessageId = this.#parentOfCalls();
      const call = { toolCallId: callId, toolCallName: name, parentMessageId };
      events.push({ type: "TOOL_CALL_START", ...call });
    }
    const delta = argumentsDelta ?? (isNew ? whole : undefined);
    if (delta) events.push({ type: "TOOL_CALL_ARGS", toolCallId: callId, delta });
    if (isComplete === true) events.push(...this.#endCall(callId));
    // Every event has a frame, and so its id.
    return events.length > 0 ? events : [{ type: "TOOL_CALL_ARGS", toolCallId: callId, delta: "" }];
  }

  /** One message for all calls in a row: upstreams want the results behind the message with the calls. */
  #parentOfCalls(): string {
    this.#parentId ??= this.#nextId("text");
    return this.#parentId;
  }

  #nextId(kind: "text" | "reasoning"): string {
    this.#counts[kind] += 1;
    return `${this.#run.runId}-${kind}-${this.#counts[kind]}`;
  }

  #endCall(toolCallId: string): readonly AgUiEvent[] {
    if (this.#ended.has(toolCallId)) return [];
    this.#ended.add(toolCallId);
    return [{ type: "TOOL_CALL_END", toolCallId }];
  }

  #endCalls(): readonly AgUiEvent[] {
    return [...this.#begun].flatMap((callId) => this.#endCall(callId));
  }

  #finished({ reason, usage }: StopEvent): AgUiEvent {
    const { threadId, runId, knowsCancelled = false } = this.#run;
    const isCancelled = reason === "cancelled" || reason === "abandoned";
    if (isCancelled && !knowsCancelled) {
      return { type: "RUN_ERROR", message: `The answer was ${reason}.`, code: reason };
    }
    const outcome = { type: isCancelled ? "cancelled" : "success" };
    const counted = usage && { usage: [usageOf(usage)] };
    return { type: "RUN_FINISHED", threadId, runId, outcome, result: { reason }, ...counted };
  }
}

function usageOf({ raw: _raw, isEstimate: _isEstimate, ...counts }: Usage): object {
  return counts;
}

interface AgUiEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

function isTerminal({ type }: AgUiEvent): boolean {
  return type === "RUN_FINISHED" || type === "RUN_ERROR";
}

/** The id comes first: TanStack AI takes it over with the `data` behind it, and other clients do not mind. */
function frame(value: AgUiEvent, id?: string): string {
  const data = `data: ${JSON.stringify(value)}\n\n`;
  return id === undefined ? data : `id: ${id}\n${data}`;
}
