import type {
  ErrorCode,
  GapEvent,
  QueuedEvent,
  StopReason,
  Usage,
  WarningEvent,
} from "@gatestream/protocol";

/** The `metadata` of an assistant's `UIMessage`. */
export interface AnswerMetadata {
  /** The relay's id of the stream. */
  readonly streamId: string;
  /** Why the answer ended, in the relay's own word. Without one it has not ended, or was cut. */
  readonly reason?: StopReason | "error" | null;
  /** What is known of the `reason` `error`. */
  readonly error?: AnswerFailure;
  /** Token counts, where the gateway reports them. */
  readonly usage?: Usage;
}

export interface AnswerFailure {
  /** The relay's, or the client's own, such as `truncated`. */
  readonly code: ErrorCode | (string & {});
  /** Whether to ask again may help. */
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
}

/** What `onData` gets as `data` of a part `data-gatestream`: it is no part of the message. */
export type RelayNotice = QueuedEvent | WarningEvent | GapEvent;

/** The AI SDK's finish reasons that all its versions from 5 on know. */
export type FinishReason = "stop" | "length" | "content-filter" | "tool-calls" | "other";

/** A chunk of the AI SDK's UI message stream, as its versions from 5 on read it. */
export type UiMessageChunk =
  | {
      readonly type: "start";
      readonly messageId: string;
      readonly messageMetadata: Pick<AnswerMetadata, "streamId" | "reason">;
    }
  | {
      readonly type: "message-metadata";
      readonly messageMetadata: Omit<AnswerMetadata, "streamId">;
    }
  | { readonly type: "start-step" | "finish-step" | "abort" }
  | {
      readonly type: "text-start" | "text-end" | "reasoning-start" | "reasoning-end";
      readonly id: string;
    }
  | {
      readonly type: "text-delta" | "reasoning-delta";
      readonly id: string;
      readonly delta: string;
    }
  | {
      readonly type: "tool-input-start";
      readonly toolCallId: string;
      readonly toolName: string;
      readonly dynamic: true;
    }
  | {
      readonly type: "tool-input-delta";
      readonly toolCallId: string;
      readonly inputTextDelta: string;
    }
  | {
      readonly type: "tool-input-available";
      readonly toolCallId: string;
      readonly toolName: string;
      readonly dynamic: true;
      readonly input: unknown;
    }
  | {
      readonly type: "source-url";
      readonly sourceId: string;
      readonly url: string;
      readonly title?: string;
    }
  | {
      readonly type: "source-document";
      readonly sourceId: string;
      readonly mediaType: string;
      readonly title: string;
    }
  | { readonly type: "file"; readonly mediaType: string; readonly url: string }
  | { readonly type: `data-${string}`; readonly data: unknown; readonly transient?: boolean }
  | {
      readonly type: "finish";
      readonly finishReason: FinishReason;
      readonly messageMetadata: Omit<AnswerMetadata, "streamId">;
    }
  | { readonly type: "error"; readonly errorText: string };
