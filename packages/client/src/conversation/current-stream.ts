import type { StreamRequest } from "@gatestream/protocol";
import type { Answer } from "../answer/answer.ts";
import type { Checkpoint, StreamOptions, StreamSnapshot } from "../answer/stream-options.ts";
import { createStreamStore } from "../answer/stream-store.ts";
import type { Client } from "../create-client.ts";
import type { DisposeOptions } from "./chat.ts";
import { readGiven, type Given } from "./given.ts";
import { createRequestKey } from "./request-key.ts";

/** One answer after the other behind one subscription: what a framework shows. */
export interface CurrentStream<Own extends object = object> {
  /** Asks for an answer. False, and nothing is asked, while one is on its way: `cancel` it first. */
  start(request: StreamRequest): boolean;
  /**
   * Goes on with the last answer, or with one that was left on another page. False while an answer is
   * on its way, and where there is none that can be gone on with.
   */
  resume(checkpoint?: Checkpoint): boolean;
  /** Ends the answer, here and at the relay, and keeps its text. */
  cancel(): void;
  /** Ends the answer and forgets it: `idle` again. */
  reset(): void;
  /** Lets go of the answer; by default it is cancelled. Another one may be started all the same. */
  dispose(options?: DisposeOptions): void;
  /** Calls `listener` when there is a new snapshot: at most once a frame, and at the end. */
  subscribe(listener: () => void): () => void;
  /** The same object until there is something new. */
  getSnapshot(): StreamSnapshot<Own>;
}

const idle: StreamSnapshot = {
  text: "",
  events: [],
  status: "idle",
  isRunning: false,
  canResume: false,
  checkpoint: undefined,
  reason: undefined,
  usage: undefined,
  requestId: undefined,
  result: undefined,
  error: undefined,
};

/** Makes a {@link CurrentStream}. Client and options may be functions: they are asked each time. */
export function createCurrentStream<Own extends object = object>(
  client: Given<Client<Own>>,
  options: Given<StreamOptions<Own>> = {},
): CurrentStream<Own> {
  // Events are passed on as they come; what is in those of its own, the caller knows.
  return currentOf(
    client as unknown as Given<Client>,
    options as unknown as Given<StreamOptions>,
  ) as unknown as CurrentStream<Own>;
}

function currentOf(client: Given<Client>, options: Given<StreamOptions>): CurrentStream {
  let answer: Answer | undefined;
  const requestKey = createRequestKey();
  const store = createStreamStore<StreamSnapshot>(() => {
    const snapshot = answer?.getSnapshot() ?? idle;
    // An answer speaks from the next microtask on, but it is under way.
    return answer && snapshot.status === "idle" ? { ...snapshot, status: "connecting" } : snapshot;
  });

  function showNow(): void {
    store.change();
    store.flush();
  }

  function open(start: (listeners: StreamOptions) => Answer): boolean {
    const onChange = (): void => {
      store.change();
      if (!answer?.isRunning) store.flush();
    };
    answer = start({
      signal: readGiven(options).signal,
      onToken(text, all) {
        onChange();
        readGiven(options).onToken?.(text, all);
      },
      onEvent(event) {
        onChange();
        requestKey.forget();
        readGiven(options).onEvent?.(event);
      },
      onStatus(status) {
        onChange();
        readGiven(options).onStatus?.(status);
      },
      onRetry: (retry) => readGiven(options).onRetry?.(retry),
      onError: (error) => readGiven(options).onError?.(error),
      onDone: (result) => readGiven(options).onDone?.(result),
    });
    showNow();
    return true;
  }

  return {
    start(request) {
      if (answer?.isRunning) return false;
      const idempotencyKey = requestKey.next(request, answer);
      return open((listeners) =>
        readGiven(client).stream(request, { ...listeners, idempotencyKey }),
      );
    },
    resume(checkpoint) {
      if (answer?.isRunning) return false;
      if (checkpoint) return open((listeners) => readGiven(client).resume(checkpoint, listeners));
      if (!answer?.resume()) return false;
      showNow();
      return true;
    },
    cancel() {
      answer?.cancel();
      showNow();
    },
    reset() {
      const forgotten = answer;
      answer = undefined;
      forgotten?.cancel();
      showNow();
    },
    dispose({ leaveRunning = false } = {}) {
      if (leaveRunning && answer?.checkpoint) answer.detach();
      else answer?.cancel();
    },
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
  };
}
