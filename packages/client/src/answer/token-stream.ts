import type { ErrorEvent, KnownEvent, StopEvent, TerminalEvent } from "@gatestream/protocol";
import { createEventBuffer } from "./event-buffer.ts";
import { follow, type FollowSettings, type Place, type StopFollowing } from "../recovery/follow.ts";
import { notify } from "../notify.ts";
import { StreamError } from "../stream-error.ts";
import type { StreamEvent } from "../stream-events.ts";
import type {
  Checkpoint,
  StreamOptions,
  StreamResult,
  StreamSnapshot,
  StreamStatus,
} from "./stream-options.ts";
import { createStreamStore } from "./stream-store.ts";
import type { StartTarget, Transport } from "../transport/transport.ts";

/** One answer on its way. Iterate over it, use callbacks, or wait for the result: or all three. */
export interface TokenStream<Own extends object = object> extends AsyncIterable<StreamEvent<Own>> {
  /** What has come so far. */
  readonly text: string;
  readonly status: StreamStatus;
  /** The id of the last event that has come; 0 for none. */
  readonly lastEventId: number;
  /**
   * What `client.resume` needs to go on with this stream, on another page or after a reload.
   * Undefined as long as the stream cannot be resumed, and once there is nothing more to come.
   */
  readonly checkpoint: Checkpoint | undefined;
  /**
   * The whole answer; when it was ended from here, what had come until then.
   *
   * @throws StreamError when there is none; its `text` is what had come.
   */
  result(): Promise<StreamResult>;
  /**
   * Ends the stream here, asks the relay to end it too, and keeps its text. After a failure, or after
   * `disconnect`, it ends what the relay still keeps: there is no `checkpoint` any more.
   */
  cancel(): void;
  /**
   * Leaves the stream. One that is detached goes on at the relay and can be resumed; any other one
   * ends there too. Leaving a `for await` loop does the same.
   */
  disconnect(): void;
  /** Calls `listener` when there is a new snapshot: at most once a frame, and at the end. */
  subscribe(listener: () => void): () => void;
  /** The text and status of the last frame; the same object until there is another one. */
  getSnapshot(): StreamSnapshot;
  /**
   * Every event from the first, also for those who come late. Tokens in a row come as one when they
   * came before the first reader, or the reader after the end. See {@link disconnect}.
   */
  [Symbol.asyncIterator](): AsyncIterator<StreamEvent<Own>, void>;
}

/** Answers of the relay to those who come back: nothing is left, not any more, not that far. */
const noMore: readonly number[] = [204, 404, 409];

export interface TokenStreamParts {
  readonly transport: Transport;
  readonly settings: FollowSettings;
  /** What starts the stream, or where it is gone on with. */
  readonly origin:
    | { readonly start: StartTarget; readonly checkpoint?: undefined }
    | { readonly start?: undefined; readonly checkpoint: Checkpoint };
}

/** Starts to stream in the next microtask, so that the caller holds the stream before it speaks. */
export function createTokenStream(
  { transport, settings, origin: { start, checkpoint } }: TokenStreamParts,
  { signal, onToken, onEvent, onStatus, onError, onDone }: StreamOptions = {},
): TokenStream {
  const buffer = createEventBuffer();
  const place: Place = {
    streamId: "",
    lastEventId: 0,
    ...checkpoint,
    canResume: checkpoint !== undefined,
    attempts: 0,
  };
  let text = checkpoint?.text ?? "";
  let status: StreamStatus = "idle";
  let result: StreamResult | undefined;
  let error: StreamError | undefined;
  let stopFollowing: StopFollowing = () => {};
  const store = createStreamStore<StreamSnapshot>(() => ({ text, status, result, error }));
  let promise: Promise<StreamResult> | undefined;
  let settle = (): void => {};
  const hasEnded = (): boolean => (result ?? error) !== undefined;

  function setStatus(next: StreamStatus): void {
    if (status === next) return;
    status = next;
    store.change();
    notify(onStatus, status);
  }

  /** Takes one event; true when there is no more to take. Each listener may end the stream. */
  function take(event: KnownEvent): boolean {
    if (hasEnded()) return true;
    if (event.type === "stop") complete(event);
    else if (event.type === "error") fail(new StreamError(event.code, event.message, event), event);
    else passOn(event);
    return hasEnded();
  }

  function passOn(event: Exclude<KnownEvent, TerminalEvent>): void {
    // Before any listener is called: a checkpoint counts this event as received.
    if (event.type === "token") text += event.content;
    buffer.push(event);
    store.change();
    if (event.type === "queued") setStatus(event.position > 0 ? "queued" : "connecting");
    else if (place.lastEventId > 0 || "content" in event) setStatus("streaming");
    else if (status === "reconnecting") setStatus("connecting");
    if (event.type === "token" && !hasEnded()) notify(onToken, event.content, text);
    if (!hasEnded()) notify(onEvent, event);
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

  function disconnect(): void {
    complete({ type: "stop", reason: "disconnected" });
  }

  async function run(): Promise<void> {
    await Promise.resolve();
    if (signal?.aborted) onAbort();
    if (hasEnded()) return;
    signal?.addEventListener("abort", onAbort, { once: true });
    setStatus("connecting");
    if (hasEnded()) return;
    stopFollowing = follow({
      transport,
      settings,
      place,
      start,
      onEvent: take,
      onReconnecting: () => setStatus("reconnecting"),
      onGiveUp: fail,
    });
    // Its first request asks the caller for headers, who may have ended the stream there.
    if (hasEnded()) stopFollowing();
  }

  void run();
  return {
    get text() {
      return text;
    },
    get status() {
      return status;
    },
    get lastEventId() {
      return place.lastEventId;
    },
    get checkpoint() {
      const { streamId, lastEventId, canResume } = place;
      return canResume ? { streamId, lastEventId, text } : undefined;
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
    disconnect,
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    [Symbol.asyncIterator]: () => buffer.read(disconnect),
  };
}
