import type {
  AnswerOptions,
  GatewayEvent,
  ImagePart,
  Message,
  StopReason,
  Usage,
} from "@gatestream/protocol";
import type { AnswerPart } from "../answer/answer-parts.ts";
import type { StreamSnapshot, StreamStatus } from "../answer/stream-options.ts";
import type { StreamError } from "../stream-error.ts";
import type { BaseEvent } from "../stream-events.ts";

/** What has become of an answer. `cancelled` and `error` keep the text received so far. */
export type AnswerStatus = "streaming" | "done" | "cancelled" | "error";

/** Data that a page stores with a message: plain JSON, not sent to the gateway. */
export type MessageMetadata = Readonly<Record<string, unknown>>;

/** One message of a conversation. Never changed: an answer that grows is another object. */
export interface ChatMessage<Event extends BaseEvent = BaseEvent> extends Omit<Message, "content"> {
  /** Its text. */
  readonly content: string;
  /** Of an answer that was streamed: its text, reasoning, tool calls, sources and files, as they came. */
  readonly parts?: readonly AnswerPart[] | undefined;
  /** Of a question: the images that were sent with it. */
  readonly attachments?: readonly ImagePart[] | undefined;
  /** Unique in its conversation; stays the same while the answer is written. */
  readonly id: string;
  /** When the question was sent, or its answer requested, in milliseconds since 1970. */
  readonly createdAt?: number | undefined;
  /** What `send` was given with it. */
  readonly metadata?: MessageMetadata | undefined;
  /** What `send` was given with it: for each answer to it. */
  readonly options?: AnswerOptions | undefined;
  /** Only answers that were streamed have one. */
  readonly status?: AnswerStatus | undefined;
  /**
   * Why an answer has ended: `stop`, `eof`, `length` when it reached a limit, `content_filter`,
   * another word of the gateway; `cancelled`, `abandoned` or `disconnected` when it is incomplete.
   */
  readonly reason?: StopReason | undefined;
  /** Why the answer is incomplete. */
  readonly error?: StreamError | undefined;
  /** Events of types that only your gateway sends, oldest first. */
  readonly events?: readonly Event[] | undefined;
  /** Token counts, where the gateway reports them. */
  readonly usage?: Usage | undefined;
  /** Identifies the request in the relay's logs. */
  readonly requestId?: string | undefined;
}

/** As a conversation keeps it, whatever types its events have. */
export type KeptMessage = ChatMessage<GatewayEvent>;

/** A message that a conversation begins with. */
export interface InitialMessage extends Omit<Message, "content"> {
  readonly content: string;
  /** @defaultValue one that is the same on the server and in the page */
  readonly id?: string | undefined;
  readonly attachments?: readonly ImagePart[] | undefined;
  readonly createdAt?: number | undefined;
  readonly metadata?: MessageMetadata | undefined;
}

const endings: Partial<Record<StreamStatus, AnswerStatus>> = {
  done: "done",
  cancelled: "cancelled",
  error: "error",
};

/** An answer as the message that it fills. */
export function answerOf(
  { id, role, createdAt }: KeptMessage,
  { text, parts, status, events, reason, usage, requestId, error }: StreamSnapshot,
): KeptMessage {
  return {
    id,
    role,
    content: text,
    parts,
    createdAt,
    status: endings[status] ?? "streaming",
    reason,
    events: events.length > 0 ? events : undefined,
    usage,
    requestId,
    error,
  };
}

/** An id that no other message has. */
export function newMessageId(): string {
  return Math.random().toString(36).slice(2);
}

export function withIds(messages: readonly InitialMessage[]): readonly KeptMessage[] {
  return messages.map((message, index) => ({ ...message, id: message.id ?? `initial-${index}` }));
}
