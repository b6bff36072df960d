import type {
  FileEvent,
  SourceEvent,
  StartEvent,
  StopEvent,
  StreamEvent,
  ToolCallEvent,
} from "@gatestream/protocol";
import { type AdapterFormat, parseJson } from "@gatestream/relay/parts";
import { frame, framesOf, heartbeat, retry } from "../frames.ts";

/** What else ends an AI SDK stream with an error. */
const finishReasons: ReadonlyMap<string, string> = new Map([
  ["stop", "stop"],
  ["length", "length"],
  ["content_filter", "content-filter"],
  ["tool_calls", "tool-calls"],
]);

const done = "data: [DONE]\n\n";

/** The AI SDK's UI message stream, as version 5 and later read it. */
export function createUiMessageFormat(): AdapterFormat {
  return new UiMessageFormat();
}

class UiMessageFormat implements AdapterFormat {
  readonly mediaType = "text/event-stream";
  readonly heartbeat = heartbeat;
  readonly headers = { "x-vercel-ai-ui-message-stream": "v1" };
  /** The block that is open. */
  #open: { readonly kind: "text" | "reasoning"; readonly id: string } | undefined;
  #blocks = 0;
  /** The arguments so far of the calls that have begun. */
  readonly #calls = new Map<string, string>();

  begin({ streamId }: StartEvent): string {
    const start = { type: "start", messageId: streamId, messageMetadata: { streamId } };
    return `${retry}${frame(start)}${frame({ type: "start-step" }, 0)}`;
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
      text += framesOf(this.#partsOf(event), id);
      if (event.type === "stop" || event.type === "error") text += done;
      id += 1;
    }
    return text;
  }

  #partsOf(event: StreamEvent): readonly object[] {
    switch (event.type) {
      case "token":
        return this.#delta("text", String(event.content));
      case "reasoning":
        return this.#delta("reasoning", String(event.content));
      case "tool_call":
        return [...this.#close(), ...this.#callParts(event as ToolCallEvent)];
      case "source":
        return [sourcePart(event as SourceEvent)];
      case "file":
        return [filePart(event as FileEvent)];
      case "stop":
        return [...this.#close(), ...endParts(event as StopEvent)];
      case "error":
        return [...this.#close(), { type: "error", errorText: event["message"] }];
      default: {
        const { type, ...data } = event;
        return [{ type: `data-${type}`, data }];
      }
    }
  }

  #delta(kind: "text" | "reasoning", delta: string): readonly object[] {
    const parts: object[] = [];
    if (this.#open?.kind !== kind) {
      parts.push(...this.#close());
      this.#blocks += 1;
      this.#open = { kind, id: String(this.#blocks) };
      parts.push({ type: `${kind}-start`, id: this.#open.id });
    }
    parts.push({ type: `${kind}-delta`, id: this.#open.id, delta });
    return parts;
  }

  #close(): readonly object[] {
    if (this.#open === undefined) return [];
    const { kind, id } = this.#open;
    this.#open = undefined;
    return [{ type: `${kind}-end`, id }];
  }

  #callParts({ callId, name, argumentsDelta, arguments: whole, isComplete }: ToolCallEvent) {
    const call = { toolCallId: callId, toolName: name, dynamic: true };
    const parts: object[] = [];
    const before = this.#calls.get(callId);
    if (before === undefined) parts.push({ type: "tool-input-start", ...call });
    const delta = argumentsDelta ?? (whole !== undefined && before === undefined ? whole : "");
    if (delta !== "") {
      parts.push({ type: "tool-input-delta", toolCallId: callId, inputTextDelta: delta });
    }
    const text = whole ?? `${before ?? ""}${delta}`;
    this.#calls.set(callId, text);
    if (isComplete === true) {
      const input = text === "" ? {} : (parseJson(text) ?? text);
      parts.push({ type: "tool-input-available", ...call, input });
    }
    return parts;
  }
}

/** What has no id, and what the page may show for a while. */
function noticeOf(event: StreamEvent): string | undefined {
  switch (event.type) {
    case "queued":
    case "warning":
    case "gap":
      return frame({ type: "data-gatestream", data: event, transient: true });
    case "live":
    case "start":
      return "";
    case "reconnect":
      // A stream that ends in silence passes for a whole answer.
      return frame({
        type: "error",
        errorText: "The relay is stopping; ask for the answer again.",
      });
    default:
      return undefined;
  }
}

function sourcePart({ sourceId, url, title, documentId }: SourceEvent): object {
  if (url !== undefined) return { type: "source-url", sourceId, url, ...(title && { title }) };
  const name = title ?? documentId ?? sourceId;
  return { type: "source-document", sourceId, mediaType: "text/plain", title: name };
}

function filePart({ mediaType, url, data = "" }: FileEvent): object {
  return { type: "file", mediaType, url: url ?? `data:${mediaType};base64,${data}` };
}

function endParts({ reason, usage }: StopEvent): readonly object[] {
  if (reason === "cancelled" || reason === "abandoned") return [{ type: "abort" }];
  const messageMetadata = { reason, ...(usage && { usage }) };
  const finishReason = finishReasons.get(reason) ?? "other";
  return [{ type: "finish-step" }, { type: "finish", finishReason, messageMetadata }];
}
