import type { AnswerOptions, ImagePart } from "@gatestream/protocol";
import type { StreamStatus } from "../answer/stream-options.ts";
import type { StreamError } from "../stream-error.ts";
import type { OwnEvent } from "../stream-events.ts";
import type { ChatMessage, InitialMessage, MessageMetadata } from "./chat-message.ts";

/** A conversation as of one frame. Immutable: a change is a new object. */
export interface ChatSnapshot<Events extends object = object> {
  /** Oldest first. A message that has not changed is the same object as before. */
  readonly messages: readonly ChatMessage<OwnEvent<Events>>[];
  /**
   * The status of the last answer; `idle` before the first question. While `onToolCall` is running it is
   * `connecting`.
   */
  readonly status: StreamStatus;
  /** Its place in the relay's queue, while `status` is `queued`: 1 is next. */
  readonly queuePosition: number | undefined;
  /** Whether an answer, or `onToolCall`, is running. */
  readonly isRunning: boolean;
  /** Whether `send` accepts a question: also while an answer is running, if questions are queued. */
  readonly canSend: boolean;
  /** Whether a saved conversation is being loaded; questions sent meanwhile wait for it. */
  readonly isLoading: boolean;
  /** Why the last answer failed. */
  readonly error: StreamError | undefined;
  /** Whether `resume()` can continue the last answer: it has ended here, and the relay keeps it. */
  readonly canResume: boolean;
  /** Whether `undo()` brings back what the last `reset` has cleared. */
  readonly canUndo: boolean;
  /** Questions that wait for the end of the answer, oldest first. */
  readonly queued: readonly string[];
  /** How many messages were too old or too long to be sent with the last question. */
  readonly omittedCount: number;
  /** What is being typed: see `setDraft`. */
  readonly draft: string;
}

/** What can be passed with a question. */
export interface SendOptions {
  /** Images that are sent after the text, which may be empty then. */
  readonly attachments?: readonly ImagePart[] | undefined;
  /** Kept with the message. */
  readonly metadata?: MessageMetadata | undefined;
  /** For each answer to this question, in addition to the conversation's own `options`. */
  readonly options?: AnswerOptions | undefined;
}

/** What happens to a running answer when the conversation is no longer shown. */
export interface DisposeOptions {
  /**
   * `"detach"` leaves an answer that can be resumed to the relay, which continues it, and cancels any
   * other one; `"cancel"` cancels it.
   *
   * @defaultValue `"cancel"`; `"detach"` for a conversation that is saved, since it can be restored
   */
  readonly onUnmount?: "cancel" | "detach" | undefined;
}

/**
 * A conversation, with one answer at a time: while one is running, methods that would request another
 * one do nothing and return false.
 */
export interface Chat<Events extends object = object> {
  /** Sends a question. False when it is blank and has no attachments, or refused while an answer is running. */
  send(text: string, options?: SendOptions): boolean;
  /**
   * Cancels the answer, here and at the relay, also after it has failed here. Its text is kept, and
   * part of later requests. Queued questions become the draft.
   */
  stop(): void;
  /**
   * Resumes the last answer if the relay may still keep it. If it does not, or if the answer has
   * ended, sends the question again; the new answer is a branch beside the other one. False when there is no question.
   */
  retry(): boolean;
  /** Requests another answer to the last question, or to the one before this message: a branch. */
  regenerate(messageId?: string): boolean;
  /** Sends a question with another text, and what was sent with it: a branch beside it. False for an unknown id. */
  edit(id: string, text: string): boolean;
  /** The alternatives to this message, oldest first, including itself. */
  branches(messageId: string): readonly ChatMessage<OwnEvent<Events>>[];
  /** Shows a branch, and what follows it. False for an unknown id, or while an answer is running. */
  selectBranch(messageId: string): boolean;
  /** Takes a question that waits back, by its index in `queued`. False where there is none. */
  removeQueued(index: number): boolean;
  /** Replaces all messages. False while an answer is running. */
  setMessages(messages: readonly InitialMessage[]): boolean;
  /** Stores what is being typed, with the conversation if that is saved. `send` empties it. */
  setDraft(text: string): void;
  /** Returns to the initial messages, and removes what was saved. */
  reset(): void;
  /** Takes the last `reset` back. False after another question. */
  undo(): boolean;
  /** Shows the saved conversation, as `resume()` does too, without a request. */
  restore(): void;
  /**
   * Continues the saved conversation, and its last answer if the relay keeps it. False when no answer
   * is resumed, or not yet.
   */
  resume(): boolean;
  /**
   * Ends the connection of a running answer, when the conversation is no longer shown. By default an
   * answer that can be resumed continues at the relay if the conversation is saved, and is cancelled
   * if not. `resume()` continues it.
   */
  dispose(options?: DisposeOptions): void;
  /** Calls `listener` when there is a new snapshot: at most once a frame, and at the end. */
  subscribe(listener: () => void): () => void;
  /** The same object until something changes. */
  getSnapshot(): ChatSnapshot<Events>;
}
