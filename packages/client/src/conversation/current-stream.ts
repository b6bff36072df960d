import type { StreamRequest } from "@gatestream/protocol";
import type { Answer } from "../answer/answer.ts";
import type { Checkpoint, StreamOptions, StreamSnapshot } from "../answer/stream-options.ts";
import { createStreamStore } from "../answer/stream-store.ts";
import type { Client } from "../create-client.ts";
import type { DisposeOptions } from "./chat.ts";
import { toValue, type MaybeGetter } from "./to-value.ts";
import { createRequestKey } from "./request-key.ts";

/** One answer after the other behind one subscription, for frameworks. */
export interface CurrentStream<Events extends object = object> {
  /** Requests an answer. False, without a request, while one is running: `cancel` it first. */
  start(request: StreamRequest): boolean;
  /**
   * Resumes the last answer, or one that another page has left. False while an answer is running, or
   * if there is none to resume.
   */
  resume(checkpoint?: Checkpoint): boolean;
  /** Cancels the answer, here and at the relay, and keeps its text. */
  cancel(): void;
  /** Cancels the answer and removes it: `idle` again. */
  reset(): void;
  /** Cancels the answer, or detaches it. Another one may be started afterwards. */
  dispose(options?: DisposeOptions): void;
  /** Calls `listener` when there is a new snapshot: at most once a frame, and at the end. */
  subscribe(listener: () => void): () => void;
  /** The same object until something changes. */
  getSnapshot(): StreamSnapshot<Events>;
}

const idle: StreamSnapshot = {
  text: "",
  parts: [],
  events: [],
  status: "idle",
  queuePosition: undefined,
  isRunning: false,
  canResume: false,
  checkpoint: undefined,
  reason: undefined,
  usage: undefined,
  transport: undefined,
  requestId: undefined,
  result: undefined,
  error: undefined,
};

/** Makes a {@link CurrentStream}. Client and options may be functions: they are called each time. */
export function createCurrentStream<Events extends object = object>(
  client: MaybeGetter<Client<Events>>,
  options: MaybeGetter<StreamOptions<Events>> = {},
): CurrentStream<Events> {
  // Events are passed on as they come; the caller knows the fields of their own events.
  return currentOf(
    client as unknown as MaybeGetter<Client>,
    options as unknown as MaybeGetter<StreamOptions>,
  ) as unknown as CurrentStream<Events>;
}

function currentOf(
  client: MaybeGetter<Client>,
  options: MaybeGetter<StreamOptions>,
): CurrentStream {
  let answer: Answer | undefined;
  const requestKey = createRequestKey();
  const store = createStreamStore<StreamSnapshot>(() => {
    const snapshot = answer?.getSnapshot() ?? idle;
    // An answer is `idle` until the next microtask.
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
      signal: toValue(options).signal,
      onToken(text, all) {
        onChange();
        toValue(options).onToken?.(text, all);
      },
      onEvent(event) {
        onChange();
        requestKey.forget();
        toValue(options).onEvent?.(event);
      },
      onStatus(status) {
        onChange();
        toValue(options).onStatus?.(status);
      },
      onRetry: (retry) => toValue(options).onRetry?.(retry),
      onError: (error) => toValue(options).onError?.(error),
      onDone: (result) => toValue(options).onDone?.(result),
    });
    showNow();
    return true;
  }

  return {
    start(request) {
      if (answer?.isRunning) return false;
      const idempotencyKey = requestKey.next(request, answer);
      return open((listeners) => toValue(client).stream(request, { ...listeners, idempotencyKey }));
    },
    resume(checkpoint) {
      if (answer?.isRunning) return false;
      if (checkpoint) return open((listeners) => toValue(client).resume(checkpoint, listeners));
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
    dispose({ onUnmount } = {}) {
      if (onUnmount === "detach" && answer?.checkpoint) answer.detach();
      else answer?.cancel();
    },
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
  };
}
