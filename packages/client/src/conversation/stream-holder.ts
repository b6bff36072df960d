import type { StreamRequest } from "@gatestream/protocol";
import type { Client } from "../create-client.ts";
import { randomKey } from "../random-key.ts";
import type { Checkpoint, StreamOptions, StreamSnapshot } from "../answer/stream-options.ts";
import type { Answer as TokenStream } from "../answer/answer.ts";
import { readGiven, type Given } from "./given.ts";

/** One stream after the other, never two at a time; the last one is kept when it has ended. */
export interface StreamHolder {
  readonly isRunning: boolean;
  readonly checkpoint: Checkpoint | undefined;
  /** What the stream looks like now; `idle` as long as there is none. */
  readonly snapshot: StreamSnapshot;
  /** False, and nothing is asked, while a stream is running. */
  start(request: StreamRequest): boolean;
  /** False, and nothing is asked, while a stream is running. */
  resume(checkpoint: Checkpoint): boolean;
  cancel(): void;
  disconnect(): void;
  /** Cancels the stream, and nothing is left of it. */
  forget(): void;
}

export interface StreamHolderOptions<Own extends object> {
  /** Asked for each stream. */
  readonly client: Given<Client<Own>>;
  /** Asked for each call of a listener. */
  readonly options: Given<StreamOptions<Own>>;
  /** Called before anybody else hears of what is new. */
  readonly onChange: () => void;
}

const idle: StreamSnapshot = {
  text: "",
  events: [],
  status: "idle",
  isRunning: false,
  canResume: false,
};

export function createStreamHolder<Own extends object>({
  client,
  options,
  onChange,
}: StreamHolderOptions<Own>): StreamHolder {
  let stream: TokenStream<Own> | undefined;
  let told = idle;
  /** The last request that was asked, as JSON, and its key. */
  let asked = "";
  let idempotencyKey = "";

  /** A token and an end are each heard of more than once. */
  function tell(): void {
    const now = (stream?.getSnapshot() as StreamSnapshot | undefined) ?? idle;
    if (now === told) return;
    told = now;
    onChange();
  }

  function isRunning(): boolean {
    return stream !== undefined && !["done", "cancelled", "error"].includes(stream.status);
  }

  function listeners(): StreamOptions<Own> {
    return {
      signal: readGiven(options).signal,
      onToken(text, snapshot) {
        tell();
        readGiven(options).onToken?.(text, snapshot);
      },
      onEvent(event) {
        // It has an id from now on: by its key one would get what has become of it once more.
        asked = "";
        tell();
        readGiven(options).onEvent?.(event);
      },
      onStatus(status) {
        tell();
        readGiven(options).onStatus?.(status);
      },
      onError: (error) => readGiven(options).onError?.(error),
      onDone: (result) => readGiven(options).onDone?.(result),
    };
  }

  function hold(open: () => TokenStream<Own>): boolean {
    if (isRunning()) return false;
    stream = open();
    tell();
    return true;
  }

  function start(request: StreamRequest): boolean {
    if (isRunning()) return false;
    // What failed here may still be written, and billed, at the relay. What was left is left.
    if (stream?.status === "error") stream.cancel();
    const json = JSON.stringify(request);
    // Where no answer has come the relay may have started one all the same: the same key joins it.
    if (json !== asked || stream?.status !== "error") idempotencyKey = randomKey();
    asked = json;
    return hold(() => readGiven(client).stream(request, { ...listeners(), idempotencyKey }));
  }

  return {
    get isRunning() {
      return isRunning();
    },
    get checkpoint() {
      return stream?.checkpoint;
    },
    get snapshot(): StreamSnapshot {
      const snapshot = (stream?.getSnapshot() as StreamSnapshot | undefined) ?? idle;
      // A stream speaks from the next microtask on, but it is under way.
      if (stream === undefined || snapshot.status !== "idle") return snapshot;
      return { ...snapshot, status: "connecting" };
    },
    start,
    resume: (checkpoint) => hold(() => readGiven(client).resume(checkpoint, listeners())),
    cancel() {
      stream?.cancel();
      tell();
    },
    disconnect: () => stream?.disconnect(),
    forget() {
      const forgotten = stream;
      stream = undefined;
      forgotten?.cancel();
      tell();
    },
  };
}
