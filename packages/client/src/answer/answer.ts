/// <reference lib="esnext.disposable" />
import {
  isNoticeType,
  type ErrorEvent,
  type GatewayEvent,
  type KnownEvent,
  type StopEvent,
  type TerminalEvent,
} from "@gatestream/protocol";
import { notify } from "../notify.ts";
import { follow, type FollowSettings, type Place, type StopFollowing } from "../recovery/follow.ts";
import { StreamError } from "../stream-error.ts";
import type { StreamEvent } from "../stream-events.ts";
import type { StartTarget, Transport } from "../transport/transport.ts";
import { createEventBuffer } from "./event-buffer.ts";
import type {
  Checkpoint,
  StreamOptions,
  StreamResult,
  StreamSnapshot,
  StreamStatus,
} from "./stream-options.ts";
import { createStreamStore } from "./stream-store.ts";

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

/** Answers of the relay to those who come back: nothing is left, not any more, not that far. */
const noMore: readonly number[] = [204, 404, 409];

/** How long a relay keeps an answer without a reader, where it does not say. */
const defaultKeptForMs = 300_000;

export interface AnswerParts {
  readonly transport: Transport;
  readonly settings: FollowSettings;
  /** What starts the stream, or where it is gone on with. */
  readonly origin:
    | { readonly start: StartTarget; readonly checkpoint?: undefined }
    | { readonly start?: undefined; readonly checkpoint: Checkpoint };
}

/** Starts to stream in the next microtask, so that the caller holds the answer before it speaks. */
export function createAnswer(
  { transport, settings, origin: { start, checkpoint } }: AnswerParts,
  { signal, onToken, onEvent, onStatus, onRetry, onError, onDone }: StreamOptions = {},
): Answer {
  const buffer = createEventBuffer();
  const place: Place = {
    streamId: "",
    lastEventId: 0,
    hasStarted: false,
    attempts: 0,
    hasBegun: start === undefined,
    canResume: start === undefined,
    retryCount: 0,
    keptForMs: defaultKeptForMs,
    wasUnauthorized: false,
    ...checkpoint,
  };
  let text = checkpoint?.text ?? "";
  let events: readonly GatewayEvent[] = [];
  let status: StreamStatus = "idle";
  let requestId: string | undefined;
  let result: StreamResult | undefined;
  let error: StreamError | undefined;
  let stopFollowing: StopFollowing = () => {};
  let promise: Promise<StreamResult> | undefined;
  let settle = (): void => {};
  const hasEnded = (): boolean => (result ?? error) !== undefined;
  const canBeResumed = (): boolean => place.canResume && hasEnded();
  const store = createStreamStore(read);

  function checkpointNow(): Checkpoint | undefined {
    const { streamId, lastEventId, canResume } = place;
    return canResume ? { streamId, lastEventId, text } : undefined;
  }

  function read(): StreamSnapshot {
    return {
      text,
      events,
      status,
      isRunning: !hasEnded(),
      canResume: canBeResumed(),
      checkpoint: checkpointNow(),
      reason: result?.reason,
      usage: result?.usage,
      requestId,
      result,
      error,
    };
  }

  function setStatus(next: StreamStatus): void {
    if (status === next || hasEnded()) return;
    status = next;
    store.change();
    notify(onStatus, status);
  }

  /** Takes one event; true when there is no more to take. Each listener may end the stream. */
  function take(event: KnownEvent): boolean {
    if (hasEnded()) return true;
    if (event.type === "stop") complete(event);
    else if (event.type === "error") fail(new StreamError(event.code, event.message, event), event);
    else {
      // Before any listener is called: a checkpoint counts this event as received.
      if (event.type === "token") text += event.content;
      else if (!isNoticeType(event.type)) events = [...events, event as GatewayEvent];
      buffer.push(event);
      store.change();
      if (event.type === "queued") setStatus(event.position > 0 ? "queued" : "connecting");
      else if (place.lastEventId > 0 || "content" in event) setStatus("streaming");
      else if (status === "reconnecting") setStatus("connecting");
      if (event.type === "token" && !hasEnded()) notify(onToken, event.content, text);
      if (!hasEnded()) notify(onEvent, event);
    }
    return hasEnded();
  }

  function complete(stop: StopEvent): void {
    if (hasEnded()) return;
    const { reason, usage } = stop;
    result = { text, reason, ...(usage && { usage }) };
    if (reason !== "disconnected") place.canResume = false;
    end(["cancelled", "abandoned", "disconnected"].includes(reason) ? "cancelled" : "done", stop);
  }

  /** `event` is the terminal one, when the relay itself told of the failure. */
  function fail(failure: StreamError, event?: ErrorEvent): void {
    if (hasEnded()) return;
    const { code, message, cause, status: httpStatus = 0 } = failure;
    const { attempts, lastEventId } = place;
    error = new StreamError(code, message, { ...failure, cause, text, attempts, lastEventId });
    if (event !== undefined || noMore.includes(httpStatus)) place.canResume = false;
    end(code === "aborted" ? "cancelled" : "error", event);
  }

  /** Lets go of the connection and of the caller's signal, whatever the ending, and tells of it. */
  function end(ending: StreamStatus, terminal: TerminalEvent | undefined): void {
    stopFollowing();
    signal?.removeEventListener("abort", onAbort);
    if (terminal !== undefined) buffer.push(terminal);
    buffer.end(error);
    status = ending;
    store.change();
    store.flush();
    if (terminal !== undefined) notify(onEvent, terminal);
    notify(onStatus, ending);
    if (result !== undefined) notify(onDone, result);
    else if (error !== undefined) notify(onError, error);
    settle();
  }

  function onAbort(): void {
    fail(new StreamError("aborted", "The signal ended the stream.", { cause: signal?.reason }));
  }

  function detach(): void {
    complete({ type: "stop", reason: "disconnected" });
  }

  async function run(): Promise<void> {
    await Promise.resolve();
    if (signal?.aborted) onAbort();
    if (hasEnded()) return;
    signal?.addEventListener("abort", onAbort, { once: true });
    if (status === "idle") setStatus("connecting");
    if (hasEnded()) return;
    stopFollowing = follow({
      transport,
      settings,
      place,
      start,
      onAccepted: (id) => {
        requestId = id;
      },
      onEvent: take,
      onLost: setStatus,
      onRetry: (failure, waitMs) =>
        hasEnded() || notify(onRetry, { error: failure, attempt: place.attempts, waitMs }),
      onGiveUp: fail,
    });
    // Its first request asks the caller for headers, who may have ended the stream there.
    if (hasEnded()) stopFollowing();
  }

  void run();
  return {
    get id() {
      return place.streamId;
    },
    get lastEventId() {
      return place.lastEventId;
    },
    get text() {
      return text;
    },
    get events() {
      return events;
    },
    get status() {
      return status;
    },
    get isRunning() {
      return !hasEnded();
    },
    get canResume() {
      return canBeResumed();
    },
    get checkpoint() {
      return checkpointNow();
    },
    get reason() {
      return result?.reason;
    },
    get usage() {
      return result?.usage;
    },
    get requestId() {
      return requestId;
    },
    get error() {
      return error;
    },
    get textStream() {
      return tokensOf(buffer.read(detach));
    },
    result() {
      if (promise === undefined) {
        promise = new Promise((resolve, reject) => {
          settle = () => {
            if (result !== undefined) resolve(result);
            else if (error !== undefined) reject(error);
          };
        });
        // Whoever asks without waiting is told of the failure by other means.
        promise.catch(() => {});
        settle();
      }
      return promise;
    },
    cancel() {
      const { streamId, canResume } = place;
      const isDetached = start === undefined || start.request.onDisconnect === "detach";
      // Also after a failure, or when it was only left: the relay may still be writing the answer.
      if (canResume || (isDetached && !hasEnded())) {
        place.canResume = false;
        // A relay that does not hear of it ends a stream that nobody reads all the same.
        if (streamId === "") stopFollowing(true);
        else transport.cancel(streamId).catch(() => {});
        store.change();
      }
      complete({ type: "stop", reason: "cancelled" });
    },
    detach,
    disconnect: detach,
    resume() {
      if (!canBeResumed() || signal?.aborted) return false;
      result = error = promise = undefined;
      place.retryCount = 0;
      buffer.goOn();
      setStatus("reconnecting");
      void run();
      return true;
    },
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    [Symbol.asyncIterator]: () => buffer.read(detach),
    // Not every browser has the symbol.
    [Symbol.asyncDispose ?? "asyncDispose"]: async () => detach(),
  } as Answer;
}

async function* tokensOf(events: AsyncIterator<KnownEvent>): AsyncGenerator<string, void> {
  for await (const event of { [Symbol.asyncIterator]: () => events }) {
    if (event.type === "token") yield event.content;
  }
}
