import type {
  FileEvent,
  GatewayEvent,
  KnownEvent,
  SourceEvent,
  StopEvent,
  ToolCallEvent,
} from "@gatestream/protocol";
import type { AnswerFailure, FinishReason, UiMessageChunk } from "./ui-message-chunk.ts";

export interface ChunkMappingOptions {
  /** Undefined where a text is no JSON. */
  readonly parseJson: (text: string) => unknown;
  /** The message that the answer continues. @defaultValue a new one, with the id of the stream */
  readonly messageId?: string | undefined;
}

/** The events of one answer as chunks of a message of the AI SDK. */
export interface ChunkMapping {
  chunksOf(event: KnownEvent): readonly UiMessageChunk[];
  /** Ends the block that is open: for an answer without a terminal event. */
  close(): readonly UiMessageChunk[];
}

/** What else ends a message with an error. */
const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ["stop", "stop"],
  ["length", "length"],
  ["content_filter", "content-filter"],
  ["tool_calls", "tool-calls"],
]);

export function createChunkMapping({ parseJson, messageId }: ChunkMappingOptions): ChunkMapping {
  let open: { readonly kind: "text" | "reasoning"; readonly id: string } | undefined;
  let blockCount = 0;
  /** The arguments so far of the calls that have begun. */
  const calls = new Map<string, string>();

  function delta(kind: "text" | "reasoning", text: string): readonly UiMessageChunk[] {
    const before: UiMessageChunk[] = [];
    if (open?.kind !== kind) {
      before.push(...close());
      blockCount += 1;
      open = { kind, id: String(blockCount) };
      before.push({ type: `${kind}-start`, id: open.id });
    }
    return [...before, { type: `${kind}-delta`, id: open.id, delta: text }];
  }

  function close(): readonly UiMessageChunk[] {
    if (open === undefined) return [];
    const { kind, id } = open;
    open = undefined;
    return [{ type: `${kind}-end`, id }];
  }

  function callChunks({
    callId,
    name,
    argumentsDelta,
    arguments: whole,
    isComplete,
  }: ToolCallEvent): readonly UiMessageChunk[] {
    // Dynamic: the page need not declare its tools to the SDK.
    const call = { toolCallId: callId, toolName: name, dynamic: true } as const;
    const chunks: UiMessageChunk[] = [];
    const before = calls.get(callId);
    if (before === undefined) chunks.push({ type: "tool-input-start", ...call });
    const inputTextDelta =
      argumentsDelta ?? (whole !== undefined && before === undefined ? whole : "");
    if (inputTextDelta !== "") {
      chunks.push({ type: "tool-input-delta", toolCallId: callId, inputTextDelta });
    }
    const text = whole ?? `${before ?? ""}${inputTextDelta}`;
    calls.set(callId, text);
    if (isComplete === true) {
      const input = text === "" ? {} : (parseJson(text) ?? text);
      chunks.push({ type: "tool-input-available", ...call, input });
    }
    return chunks;
  }

  return {
    close,
    chunksOf(event) {
      switch (event.type) {
        case "start": {
          const { streamId } = event;
          // What a message goes on with has not ended yet.
          const metadata = { streamId, ...(messageId !== undefined && { reason: null }) };
          return [
            { type: "start", messageId: messageId ?? streamId, messageMetadata: metadata },
            { type: "start-step" },
          ];
        }
        case "queued":
        case "warning":
        case "gap":
          return [{ type: "data-gatestream", data: event, transient: true }];
        case "live":
        case "reconnect":
          return [];
        case "token":
          return delta("text", String(event.content));
        case "reasoning":
          return delta("reasoning", String(event.content));
        case "tool_call":
          return [...close(), ...callChunks(event)];
        case "source":
          return [sourceChunk(event)];
        case "file":
          return [fileChunk(event)];
        case "stop":
          return [...close(), ...endChunks(event)];
        case "error":
          return [...close(), ...failureChunks(event.message, event)];
        default: {
          // A type that only the gateway sends.
          const { type, ...data } = event satisfies never as GatewayEvent;
          return [{ type: `data-${type}`, data }];
        }
      }
    },
  };
}

function sourceChunk({ sourceId, url, title, documentId }: SourceEvent): UiMessageChunk {
  if (url !== undefined) return { type: "source-url", sourceId, url, ...(title && { title }) };
  const name = title ?? documentId ?? sourceId;
  return { type: "source-document", sourceId, mediaType: "text/plain", title: name };
}

function fileChunk({ mediaType, url, data = "" }: FileEvent): UiMessageChunk {
  return { type: "file", mediaType, url: url ?? `data:${mediaType};base64,${data}` };
}

function endChunks({ reason, usage }: StopEvent): readonly UiMessageChunk[] {
  const messageMetadata = { reason, ...(usage && { usage }) };
  if (reason === "cancelled" || reason === "abandoned") {
    return [{ type: "message-metadata", messageMetadata }, { type: "abort" }];
  }
  const finishReason = finishReasons.get(reason) ?? "other";
  return [{ type: "finish-step" }, { type: "finish", finishReason, messageMetadata }];
}

/** An answer that fails. The SDK has room for a text alone: the rest is in the message's metadata. */
export function failureChunks(
  errorText: string,
  failure: AnswerFailure,
): readonly UiMessageChunk[] {
  return [failureMetadata(failure), { type: "error", errorText }];
}

export function failureMetadata({
  code,
  retryable,
  retryAfterMs,
  requestId,
}: AnswerFailure): UiMessageChunk {
  const error = { code, retryable, retryAfterMs, requestId };
  return { type: "message-metadata", messageMetadata: { reason: "error", error } };
}
