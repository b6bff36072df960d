/// <reference lib="esnext.disposable" />
import type { StreamEvent } from "../stream-events.ts";
import type { StreamResult, StreamSnapshot } from "./stream-options.ts";

/**
 * One answer. Iterate over it, use callbacks, subscribe to its snapshots, await its result, or all of
 * them. Its properties are current; those of a snapshot are as of its frame.
 */
export interface Answer<Events extends object = object>
  extends
    Omit<StreamSnapshot<Events>, "result">,
    AsyncIterable<StreamEvent<Events>>,
    AsyncDisposable {
  /** The relay's id of the stream; empty before `start`. */
  readonly id: string;
  /** The id of the last event received; 0 for none. */
  readonly lastEventId: number;
  /** The pieces of text, from the first. Leaving the loop detaches. */
  readonly textStream: AsyncIterable<string>;
  /**
   * The complete answer; if this page ended it, what was received until then. After `resume` call it
   * again.
   *
   * @throws StreamError when there is none; its `text` is what was received.
   */
  result(): Promise<StreamResult>;
  /**
   * Ends the answer here and at the relay, and keeps its text. After a failure, or after `detach`, it
   * ends what the relay still keeps: then there is no `checkpoint`.
   */
  cancel(): void;
  /**
   * Closes the connection. A resumable answer continues at the relay; any other one ends there too.
   * Leaving a `for await` loop, or the scope of an `await using`, does the same.
   */
  detach(): void;
  /** The same as `detach`. */
  disconnect(): void;
  /**
   * Resumes an answer that has failed here or was detached, after the last event received. It never
   * starts another one. False, and does nothing, unless `canResume`.
   */
  resume(): boolean;
  /** Calls `listener` when there is a new snapshot: at most once a frame, and at the end. */
  subscribe(listener: () => void): () => void;
  /** The answer as of the last frame; the same object until there is another one. */
  getSnapshot(): StreamSnapshot<Events>;
  /**
   * Every event from the first, whenever the loop starts. Consecutive tokens, and pieces of
   * reasoning, received before the first loop starts are merged, and all of them for a loop that starts
   * after the end. Leaving the loop
   * detaches.
   */
  [Symbol.asyncIterator](): AsyncIterator<StreamEvent<Events>, void>;
}
