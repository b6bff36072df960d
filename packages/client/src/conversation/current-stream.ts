import type { StreamRequest } from "@gatestream/protocol";
import type { Client } from "../create-client.ts";
import type { Checkpoint, StreamOptions, StreamSnapshot } from "../answer/stream-options.ts";
import { createStreamStore } from "../answer/stream-store.ts";
import type { Given } from "./given.ts";
import { createStreamHolder } from "./stream-holder.ts";

/** What becomes of an answer that is on its way when nobody looks any more. */
export interface DisposeOptions {
  /**
   * Whether an answer that can be resumed goes on at the relay; otherwise it is cancelled.
   *
   * @defaultValue false; true for a chat that is saved, since it comes back
   */
  readonly leaveRunning?: boolean | undefined;
}

/** What a {@link CurrentStream} looks like at a moment. Never changed. */
export interface CurrentStreamSnapshot extends StreamSnapshot {
  /** What `resume` needs to come back to the stream; undefined when there is nothing to come. */
  readonly checkpoint: Checkpoint | undefined;
}

/** One stream after the other behind one subscription: what a framework shows. */
export interface CurrentStream {
  /** Asks for an answer. False, and nothing is asked, while one is on its way: `cancel` it first. */
  start(request: StreamRequest): boolean;
  /** Goes on with a stream that was left. False while an answer is on its way. */
  resume(checkpoint: Checkpoint): boolean;
  /** Ends the stream, here and at the relay, and keeps its text. */
  cancel(): void;
  /** Ends the stream and forgets it: `idle` again. */
  reset(): void;
  /** Lets go of the stream; by default it is cancelled. Another one may be started all the same. */
  dispose(options?: DisposeOptions): void;
  /** Calls `listener` when there is a new snapshot: at most once a frame, and at the end. */
  subscribe(listener: () => void): () => void;
  /** The same object until there is something new. */
  getSnapshot(): CurrentStreamSnapshot;
}

/** Makes a {@link CurrentStream}. Client and options may be functions: they are asked each time. */
export function createCurrentStream<Own extends object = object>(
  client: Given<Client<Own>>,
  options: Given<StreamOptions<Own>> = {},
): CurrentStream {
  const holder = createStreamHolder({ client, options, onChange });
  const store = createStreamStore<CurrentStreamSnapshot>(() => ({
    ...holder.snapshot,
    checkpoint: holder.checkpoint,
  }));

  function onChange(): void {
    store.change();
    if (!holder.isRunning) store.flush();
  }

  /** What the caller itself has done is not kept back until the next frame. */
  function begin(hasBegun: boolean): boolean {
    store.flush();
    return hasBegun;
  }

  return {
    start: (request) => begin(holder.start(request)),
    resume: (checkpoint) => begin(holder.resume(checkpoint)),
    cancel: holder.cancel,
    reset: holder.forget,
    dispose: ({ leaveRunning = false } = {}) =>
      leaveRunning ? holder.disconnect() : holder.cancel(),
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
  };
}
