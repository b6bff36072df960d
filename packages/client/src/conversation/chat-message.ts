import type { Message, StopReason } from "@gatestream/protocol";
import type { StreamError } from "../stream-error.ts";
import type { StreamSnapshot, StreamStatus } from "../answer/stream-options.ts";

/** What has become of an answer. `cancelled` and `error` keep the text that had come. */
export type AnswerStatus = "streaming" | "done" | "cancelled" | "error";

/** One message of a conversation. Never changed: an answer that grows is another object. */
export interface ChatMessage extends Message {
  /** Unique in its conversation; stays the same while the message is written or edited. */
  readonly id: string;
  /** Only answers that were streamed have one. */
  readonly status?: AnswerStatus | undefined;
  /**
   * Why an answer that is `done` has ended: `stop`, `eof`, `length` when it reached a limit,
   * `content_filter`, or another word of the gateway.
   */
  readonly reason?: StopReason | undefined;
  /** Why the answer is not whole. */
  readonly error?: StreamError | undefined;
}

/** A message that a conversation begins with. */
export interface InitialMessage extends Message {
  /** @defaultValue one that is the same on the server and in the page */
  readonly id?: string | undefined;
}

const endings: Partial<Record<StreamStatus, AnswerStatus>> = {
  done: "done",
  cancelled: "cancelled",
  error: "error",
};

/** A stream as a message. */
export function answerOf(id: string, { text, status, result, error }: StreamSnapshot): ChatMessage {
  return {
    id,
    role: "assistant",
    content: text,
    status: endings[status] ?? "streaming",
    ...(status === "done" && result && { reason: result.reason }),
    ...(error && { error }),
  };
}

/** An id that no other message has. */
export function newMessageId(): string {
  return Math.random().toString(36).slice(2);
}

export function withIds(messages: readonly InitialMessage[]): readonly ChatMessage[] {
  return messages.map((message, index) => ({ ...message, id: message.id ?? `initial-${index}` }));
}
