import type { StreamError } from "../stream-error.ts";
import type { StreamStatus } from "../answer/stream-options.ts";
import type { ChatMessage } from "./chat-message.ts";
import type { DisposeOptions } from "./current-stream.ts";

/** What a conversation looks like at a moment. Never changed: the next moment is another object. */
export interface ChatSnapshot {
  /** Oldest first. A message that has not changed is the same object as before. */
  readonly messages: readonly ChatMessage[];
  /** What the last answer is doing; `idle` as long as nothing was asked. */
  readonly status: StreamStatus;
  /** Why the last answer failed. */
  readonly error: StreamError | undefined;
  /** Whether `resume()` goes on with the last answer: it has ended here, and the relay keeps it. */
  readonly canResume: boolean;
}

/**
 * A conversation. One answer at a time: what would ask for another one does nothing and gives false
 * while an answer is on its way.
 */
export interface Chat {
  /** Asks a question. False when it is blank. */
  send(text: string): boolean;
  /**
   * Ends the answer, here and at the relay, also after it has failed here. What had come of it is
   * kept, and sent from now on.
   */
  stop(): void;
  /**
   * Goes on with the last answer where the relay may still keep it; only where it does not, or where
   * the answer has ended, the question is asked again and the answer replaced. False when there is
   * no question.
   */
  retry(): boolean;
  /** Asks a question in other words; everything after it is dropped. False when there is none. */
  edit(id: string, text: string): boolean;
  /** Goes back to the initial messages; what was saved is removed. */
  reset(): void;
  /** Shows the conversation that was saved, as `resume()` does too, and asks for nothing. */
  restore(): void;
  /**
   * Goes on with what was left: the conversation that was saved, and its last answer when the relay
   * keeps it. False when no answer is gone on with.
   */
  resume(): boolean;
  /**
   * Lets go of an answer that is on its way, when nobody looks any more. By default one that can be
   * resumed goes on at the relay if the conversation is saved, and is cancelled if not. `resume()`
   * comes back.
   */
  dispose(options?: DisposeOptions): void;
  /** Calls `listener` when there is a new snapshot: at most once a frame, and at the end. */
  subscribe(listener: () => void): () => void;
  /** The same object until there is something new. */
  getSnapshot(): ChatSnapshot;
}
