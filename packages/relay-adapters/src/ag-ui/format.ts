import type { StopEvent, StreamEvent, ToolCallEvent, Usage } from "@gatestream/protocol";
import type { AdapterFormat } from "@gatestream/relay/parts";
import { frame, framesOf, heartbeat, retry } from "../frames.ts";

export interface Run {
  readonly threadId: string;
  readonly runId: string;
  /** The id of the last event that the client has: nothing before it is sent again. @defaultValue none */
  readonly after?: number | undefined;
}

/** AG-UI 1.0 as Server-Sent Events. */
export function createAgUiFormat(run: Run): AdapterFormat {
  return new AgUiFormat(run);
}

class AgUiFormat implements AdapterFormat {
  readonly mediaType = "text/event-stream";
  readonly heartbeat = heartbeat;
  readonly #run: Run;
  /** The message that is open. */
  #open: { readonly kind: "text" | "reasoning"; readonly messageId: string } | undefined;
  #messages = 0;
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();

  constructor(run: Run) {
    this.#run = run;
  }

  begin(): string {
    const { threadId, runId, after } = this.#run;
    if (after !== undefined) return retry;
    return `${retry}${frame({ type: "RUN_STARTED", threadId, runId }, 0)}`;
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
      // Encoded also where the client has it: it says which message is open.
      const frames = this.#eventsOf(event);
      if (id > (this.#run.after ?? 0)) text += framesOf(frames, id);
      id += 1;
    }
    return text;
  }

  #eventsOf(event: StreamEvent): readonly object[] {
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

  #delta(kind: "text" | "reasoning", delta: string): readonly object[] {
    const before = this.#open?.kind === kind ? [] : this.#begin(kind);
    const { messageId } = this.#open ?? {};
    const type = kind === "text" ? "TEXT_MESSAGE_CONTENT" : "REASONING_MESSAGE_CONTENT";
    return [...before, { type, messageId, delta }];
  }

  #begin(kind: "text" | "reasoning"): readonly object[] {
    const closed = this.#close();
    this.#messages += 1;
    const messageId = `${this.#run.runId}-${this.#messages}`;
    this.#open = { kind, messageId };
    if (kind === "text") {
      return [...closed, { type: "TEXT_MESSAGE_START", messageId, role: "assistant" }];
    }
    return [
      ...closed,
      { type: "REASONING_START", messageId },
      { type: "REASONING_MESSAGE_START", messageId, role: "reasoning" },
    ];
  }

  #close(): readonly object[] {
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
    const events: object[] = [];
    const isNew = !this.#begun.has(callId);
    this.#begun.add(callId);
    if (isNew) events.push({ type: "TOOL_CALL_START", toolCallId: callId, toolCallName: name });
    const delta = argumentsDelta ?? (isNew ? whole : undefined);
    if (delta) events.push({ type: "TOOL_CALL_ARGS", toolCallId: callId, delta });
    if (isComplete === true) events.push(...this.#endCall(callId));
    // Every event has a frame, and so its id.
    return events.length > 0 ? events : [{ type: "TOOL_CALL_ARGS", toolCallId: callId, delta: "" }];
  }

  #endCall(toolCallId: string): readonly object[] {
    if (this.#ended.has(toolCallId)) return [];
    this.#ended.add(toolCallId);
    return [{ type: "TOOL_CALL_END", toolCallId }];
  }

  #endCalls(): readonly object[] {
    return [...this.#begun].flatMap((callId) => this.#endCall(callId));
  }

  #finished({ reason, usage }: StopEvent): object {
    const { threadId, runId } = this.#run;
    const isCancelled = reason === "cancelled" || reason === "abandoned";
    const outcome = { type: isCancelled ? "cancelled" : "success" };
    const counted = usage && { usage: [usageOf(usage)] };
    return { type: "RUN_FINISHED", threadId, runId, outcome, result: { reason }, ...counted };
  }
}

function usageOf({ raw: _raw, isEstimate: _isEstimate, ...counts }: Usage): object {
  return counts;
}

function noticeOf(event: StreamEvent): string | undefined {
  switch (event.type) {
    case "queued":
    case "warning":
    case "gap": {
      const { type, ...value } = event;
      return frame({ type: "CUSTOM", name: `gatestream.${type}`, value });
    }
    case "live":
    case "start":
    case "reconnect":
      // The end without a terminal event: who can resume does.
      return "";
    default:
      return undefined;
  }
}
