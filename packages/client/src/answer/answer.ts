/// <reference lib="esnext.disposable" />
import type { StreamEvent } from "../stream-events.ts";
import type { StreamResult, StreamSnapshot } from "./stream-options.ts";

/**
 * One answer. Iterate over it, use callbacks, subscribe to its snapshots, or wait for the result: or
 * all of them. Its properties are as of now; those of a snapshot are as of its frame.
 */
export interface Answer<Own extends object = object>
  extends Omit<StreamSnapshot<Own>, "result">, AsyncIterable<StreamEvent<Own>>, AsyncDisposable {
  /** The relay's id of the stream; empty until the relay has told it. */
  readonly id: string;
  /** The id of the last event that has come; 0 for none. */
  readonly lastEventId: number;
  /** The pieces of text as they come, from the first. Leaving the loop detaches. */
  readonly textStream: AsyncIterable<string>;
  /**
   * The whole answer; when it was ended from here, what had come until then. After `resume` it is
   * asked for anew.
   *
   * @throws StreamError when there is none; its `text` is what had come.
   */
  result(): Promise<StreamResult>;
  /**
   * Ends the answer here, asks the relay to end it too, and keeps its text. After a failure, or after
   * `detach`, it ends what the relay still keeps: there is no `checkpoint` any more.
   */
  cancel(): void;
  /**
   * Leaves the answer. One that is resumable goes on at the relay; any other one ends there too.
   * Leaving a `for await` loop, or the scope of an `await using`, does the same.
   */
  detach(): void;
  /** The same as `detach`. */
  disconnect(): void;
  /**
   * Goes on with an answer that has failed here or was left, from where it was. It is never asked for
   * anew. False, and nothing is done, unless `canResume`.
   */
  resume(): boolean;
  /** Calls `listener` when there is a new snapshot: at most once a frame, and at the end. */
  subscribe(listener: () => void): () => void;
  /** The answer as of the last frame; the same object until there is another one. */
  getSnapshot(): StreamSnapshot<Own>;
  /**
   * Every event from the first, also for those who come late. Tokens in a row come as one when they
   * came before the first reader, or the reader after the end. See {@link detach}.
   */
  [Symbol.asyncIterator](): AsyncIterator<StreamEvent<Own>, void>;
}
