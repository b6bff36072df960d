import type { StreamStatus } from "../answer/stream-options.ts";
import type { StreamError } from "../stream-error.ts";
import type { OwnEvent } from "../stream-events.ts";
import type { ChatMessage, InitialMessage, MessageMetadata } from "./chat-message.ts";

/** What a conversation looks like at a moment. Never changed: the next moment is another object. */
export interface ChatSnapshot<Own extends object = object> {
  /** Oldest first. A message that has not changed is the same object as before. */
  readonly messages: readonly ChatMessage<OwnEvent<Own>>[];
  /** What the last answer is doing; `idle` as long as nothing was asked. */
  readonly status: StreamStatus;
  /** Whether an answer is on its way. */
  readonly isRunning: boolean;
  /** Whether `send` takes a question: also while an answer is on its way, where questions wait for its end. */
  readonly canSend: boolean;
  /** Whether a saved conversation is being loaded; what is sent meanwhile is asked afterwards. */
  readonly isLoading: boolean;
  /** Why the last answer failed. */
  readonly error: StreamError | undefined;
  /** Whether `resume()` goes on with the last answer: it has ended here, and the relay keeps it. */
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

/** What may be sent with a question. */
export interface SendOptions {
  /** Kept with the message. */
  readonly metadata?: MessageMetadata | undefined;
}

/** What happens to a running answer when the conversation is no longer shown. */
export interface DisposeOptions {
  /**
   * Whether an answer that can be resumed goes on at the relay; otherwise it is cancelled.
   *
   * @defaultValue false; true for a chat that is saved: it can be restored
   */
  readonly leaveRunning?: boolean | undefined;
}

/**
 * A conversation. One answer at a time: what would ask for another one does nothing and gives false
 * while an answer is on its way.
 */
export interface Chat<Own extends object = object> {
  /** Asks a question. False when it is blank, or refused while an answer is on its way. */
  send(text: string, options?: SendOptions): boolean;
  /**
   * Ends the answer, here and at the relay, also after it has failed here. What had come of it is
   * kept, and sent from now on. Questions that waited for its end become the draft.
   */
  stop(): void;
  /**
   * Goes on with the last answer where the relay may still keep it; only where it does not, or where
   * the answer has ended, the question is asked again, and the answer is a branch beside the other
   * one. False when there is no question.
   */
  retry(): boolean;
  /** Asks for another answer, of the last question or of the one before this message: a branch. */
  regenerate(messageId?: string): boolean;
  /** Asks a question in other words: a branch beside it. False when there is none. */
  edit(id: string, text: string): boolean;
  /** The messages that stand at the place of this one, oldest first, itself among them. */
  branches(messageId: string): readonly ChatMessage<OwnEvent<Own>>[];
  /** Shows a branch, and what follows it. False when there is none, or an answer is on its way. */
  selectBranch(messageId: string): boolean;
  /** Puts other messages in the place of all. False while an answer is on its way. */
  setMessages(messages: readonly InitialMessage[]): boolean;
  /** Keeps what is being typed, with the conversation where that is saved. `send` empties it. */
  setDraft(text: string): void;
  /** Goes back to the initial messages; what was saved is removed. */
  reset(): void;
  /** Brings back what the last `reset` has cleared. False when something was asked since. */
  undo(): boolean;
  /** Shows the conversation that was saved, as `resume()` does too, and asks for nothing. */
  restore(): void;
  /**
   * Goes on with what was left: the conversation that was saved, and its last answer when the relay
   * keeps it. False when no answer is gone on with yet.
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
  /** The same object until there is something new. */
  getSnapshot(): ChatSnapshot<Own>;
}
