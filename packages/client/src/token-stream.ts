import {
  isNotice,
  type ErrorEvent,
  type KnownEvent,
  type NoticeEvent,
  type StopEvent,
  type StopReason,
  type StreamEvent,
  type StreamRequest,
  type TokenEvent,
  type Usage,
} from "@gatestream/protocol";
import { createEventBuffer } from "./event-buffer.ts";
import { readEvents } from "./read-events.ts";
import { isStreamError, StreamError } from "./stream-error.ts";
import type { Transport } from "./transport/fetch-transport.ts";

/**
 * `connecting` until the first event of the answer, unless it is `queued` at the relay, then
 * `streaming`, then one of the endings.
 */
export type StreamStatus =
  | "idle"
  | "connecting"
  | "queued"
  | "streaming"
  | "done"
  | "cancelled"
  | "error";

export interface StreamResult {
  readonly text: string;
  /** `cancelled` when the stream was cancelled: `text` is what had come until then. */
  readonly reason: StopReason;
  readonly usage?: Usage;
}

export interface StreamOptions {
  /** Ends the stream with code `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Each piece of text as it comes, and all of it so far. */
  readonly onToken?: ((text: string, snapshot: string) => void) | undefined;
  /** Each event. A type that only your gateway knows comes too: end a switch with `default`. */
  readonly onEvent?: ((event: KnownEvent) => void) | undefined;
  readonly onStatus?: ((status: StreamStatus) => void) | undefined;
  /** Once, when the stream fails; not when it is cancelled or its signal aborted. */
  readonly onError?: ((error: StreamError) => void) | undefined;
}

/** One answer on its way. Iterate over it, use callbacks, or wait for the result: or all three. */
export interface TokenStream extends AsyncIterable<KnownEvent> {
  /** What has come so far. */
  readonly text: string;
  readonly status: StreamStatus;
  /**
   * The whole answer.
   *
   * @throws StreamError when there is none; its `text` is what had come.
   */
  result(): Promise<StreamResult>;
  /** Ends the stream and keeps its text. Does nothing once it has ended. */
  cancel(): void;
}

/** Starts to stream in the next microtask, so that the caller holds the stream before it speaks. */
export function createTokenStream(
  transport: Transport,
  request: StreamRequest,
  options: StreamOptions = {},
): TokenStream {
  const { signal, onToken, onEvent, onStatus, onError } = options;
  const connection = new AbortController();
  const buffer = createEventBuffer();
  const result = createDeferred<StreamResult>();
  let text = "";
  let status: StreamStatus = "idle";
  let hasEnded = false;

  function setStatus(next: StreamStatus): void {
    if (status === next) return;
    status = next;
    notify(onStatus, status);
  }

  /** Takes one event; true when there is no more to take. */
  function take(event: StreamEvent): boolean {
    if (hasEnded) return true;
    // The union names what is known; others travel along for those who expect them.
    const known = event as KnownEvent;
    if (known.type === "stop") complete(known);
    else if (known.type === "error") {
      fail(new StreamError(known.code, known.message, { ...known, text }), known);
    } else passOn(known);
    return hasEnded;
  }

  /** Each listener may end the stream, and nobody is told anything after its last event. */
  function passOn(event: TokenEvent | NoticeEvent): void {
    if (event.type === "token") text += event.content;
    buffer.push(event);
    if (event.type === "queued") setStatus(event.position > 0 ? "queued" : "connecting");
    else if (!isNotice(event)) setStatus("streaming");
    if (event.type === "token" && !hasEnded) notify(onToken, event.content, text);
    if (!hasEnded) notify(onEvent, event);
  }

  function complete(stop: StopEvent): void {
    if (hasEnded) return;
    hasEnded = true;
    buffer.push(stop);
    buffer.end();
    notify(onEvent, stop);
    setStatus(stop.reason === "cancelled" ? "cancelled" : "done");
    const { reason, usage } = stop;
    result.resolve({ text, reason, ...(usage && { usage }) });
    release();
  }

  /** `event` is the terminal one, when the relay itself told of the failure. */
  function fail(error: StreamError, event?: ErrorEvent): void {
    if (hasEnded) return;
    hasEnded = true;
    if (event !== undefined) buffer.push(event);
    buffer.end(error);
    if (event !== undefined) notify(onEvent, event);
    setStatus(error.code === "aborted" ? "cancelled" : "error");
    if (error.code !== "aborted") notify(onError, error);
    result.reject(error);
    release();
  }

  /** Lets go of the connection and of the caller's signal, whatever the ending. */
  function release(): void {
    connection.abort();
    signal?.removeEventListener("abort", onAbort);
  }

  function onAbort(): void {
    fail(
      new StreamError("aborted", "The stream was aborted by its signal.", {
        text,
        cause: signal?.reason,
      }),
    );
  }

  function cancel(): void {
    complete({ type: "stop", reason: "cancelled" });
  }

  async function run(): Promise<void> {
    await Promise.resolve();
    if (signal?.aborted) onAbort();
    if (hasEnded) return;
    signal?.addEventListener("abort", onAbort, { once: true });
    setStatus("connecting");
    try {
      const body = await transport(request, connection.signal);
      await readEvents(body, { onEvent: take, signal: connection.signal });
      fail(truncated(text));
    } catch (failure) {
      fail(isStreamError(failure) ? withText(failure, text) : truncated(text, failure));
    }
  }

  void run();
  return {
    get text() {
      return text;
    },
    get status() {
      return status;
    },
    result: () => result.promise,
    cancel,
    [Symbol.asyncIterator]: () => buffer.read(cancel),
  };
}

function truncated(text: string, cause?: unknown): StreamError {
  const message = "The answer broke off before its end.";
  return new StreamError("truncated", message, { retryable: true, text, cause });
}

function withText(error: StreamError, text: string): StreamError {
  return new StreamError(error.code, error.message, { ...error, text, cause: error.cause });
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (reason: Error) => void;
}

function createDeferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<Value>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  // Those who use callbacks only never ask for the result: its failure is told to them already.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** Calls a listener; what it throws is reported as its own, and the stream goes on. */
function notify<Values extends unknown[]>(
  listener: ((...values: Values) => void) | undefined,
  ...values: Values
): void {
  try {
    listener?.(...values);
  } catch (failure) {
    queueMicrotask(() => {
      throw failure;
    });
  }
}
