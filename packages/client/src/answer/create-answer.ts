import {
  isNoticeType,
  type ErrorEvent,
  type GatewayEvent,
  type KnownEvent,
  type StopEvent,
  type TerminalEvent,
} from "@gatestream/protocol";
import { notify } from "../notify.ts";
import {
  follow,
  type FollowSettings,
  type Position,
  type StopFollowing,
} from "../recovery/follow.ts";
import { StreamError } from "../stream-error.ts";
import type { StartTarget, Transport } from "../transport/transport.ts";
import type { Answer } from "./answer.ts";
import { createGrowingParts } from "./answer-parts.ts";
import { createEventBuffer, tokensOf } from "./event-buffer.ts";
import type {
  Checkpoint,
  StreamOptions,
  StreamResult,
  StreamSnapshot,
  StreamStatus,
} from "./stream-options.ts";
import { createStreamStore } from "./stream-store.ts";

/** The relay's responses when a stream cannot be resumed: it is over, unknown, or not kept that far. */
const goneStatuses: readonly number[] = [204, 404, 409];

/** How long a relay keeps an answer without a reader, if it does not say. */
const defaultKeptForMs = 300_000;

export interface AnswerSource {
  readonly transport: Transport;
  readonly settings: FollowSettings;
  /** What starts the stream, or where it is resumed. */
  readonly origin:
    | { readonly start: StartTarget; readonly checkpoint?: undefined }
    | { readonly start?: undefined; readonly checkpoint: Checkpoint };
}

/** Starts in the next microtask, so that the caller has the answer before any listener is called. */
export function createAnswer(
  { transport, settings, origin: { start, checkpoint } }: AnswerSource,
  { signal, onToken, onEvent, onStatus, onRetry, onError, onDone }: StreamOptions = {},
): Answer {
  const buffer = createEventBuffer();
  const position: Position = {
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
  const parts = createGrowingParts(checkpoint?.parts ?? (text ? [{ type: "text", text }] : []));
  let events: readonly GatewayEvent[] = [];
  let status: StreamStatus = "idle";
  let queuePosition: number | undefined;
  let requestId: string | undefined;
  let result: StreamResult | undefined;
  let error: StreamError | undefined;
  let stopFollowing: StopFollowing = () => {};
  let promise: Promise<StreamResult> | undefined;
  let settle = (): void => {};
  const hasEnded = (): boolean => (result ?? error) !== undefined;
  const canBeResumed = (): boolean => position.canResume && hasEnded();
  const store = createStreamStore(read);

  function checkpointNow(): Checkpoint | undefined {
    const { streamId, lastEventId, canResume } = position;
    return canResume ? { streamId, lastEventId, text, parts: parts.read() } : undefined;
  }

  function queuePositionNow(): number | undefined {
    return status === "queued" ? queuePosition : undefined;
  }

  function read(): StreamSnapshot {
    return {
      text,
      parts: parts.read(),
      events,
      status,
      queuePosition: queuePositionNow(),
      isRunning: !hasEnded(),
      canResume: canBeResumed(),
      checkpoint: checkpointNow(),
      reason: result?.reason,
      usage: result?.usage,
      transport: transport.name,
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

  /** Handles one event; returns whether the stream has ended. Each listener may end it. */
  function take(event: KnownEvent): boolean {
    if (hasEnded()) return true;
    if (event.type === "stop") complete(event);
    else if (event.type === "error") fail(new StreamError(event.code, event.message, event), event);
    else {
      // Before any listener is called: a checkpoint counts this event as received.
      if (event.type === "token") text += event.content;
      if (!parts.add(event) && !isNoticeType(event.type))
        events = [...events, event as GatewayEvent];
      buffer.push(event);
      store.change();
      if (event.type === "queued") {
        queuePosition = event.position;
        setStatus(queuePosition > 0 ? "queued" : "connecting");
      } else if (position.lastEventId > 0 || "content" in event) setStatus("streaming");
      else if (status === "reconnecting") setStatus("connecting");
      if (event.type === "token" && !hasEnded()) notify(onToken, event.content, text);
      if (!hasEnded()) notify(onEvent, event);
    }
    return hasEnded();
  }

  function complete(stop: StopEvent): void {
    if (hasEnded()) return;
    const { reason, usage } = stop;
    result = { text, parts: parts.read(), reason, ...(usage && { usage }) };
    if (reason !== "disconnected") position.canResume = false;
    end(["cancelled", "abandoned", "disconnected"].includes(reason) ? "cancelled" : "done", stop);
  }

  /** `event` is the terminal one, if the relay has reported the failure. */
  function fail(failure: StreamError, event?: ErrorEvent): void {
    if (hasEnded()) return;
    const { code, message, cause, status: httpStatus = 0 } = failure;
    const { attempts, lastEventId } = position;
    error = new StreamError(code, message, { ...failure, cause, text, attempts, lastEventId });
    if (event !== undefined || goneStatuses.includes(httpStatus)) position.canResume = false;
    end(code === "aborted" ? "cancelled" : "error", event);
  }

  /** Closes the connection, removes the listener of the signal, and notifies of the end. */
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
      position,
      start,
      onAccepted: (id) => {
        requestId = id;
      },
      onEvent: take,
      onLost: setStatus,
      onRetry: (failure, waitMs) =>
        hasEnded() || notify(onRetry, { error: failure, attempt: position.attempts, waitMs }),
      onGiveUp: fail,
    });
    // The first request calls the `headers` option, which may have ended the stream.
    if (hasEnded()) stopFollowing();
  }

  void run();
  return {
    get id() {
      return position.streamId;
    },
    get lastEventId() {
      return position.lastEventId;
    },
    get text() {
      return text;
    },
    get parts() {
      return parts.read();
    },
    get events() {
      return events;
    },
    get status() {
      return status;
    },
    get queuePosition() {
      return queuePositionNow();
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
    get transport() {
      return transport.name;
    },
    get requestId() {
      return requestId;
    },
    get error() {
      return error;
    },
    get textStream() {
      return tokensOf(this);
    },
    result() {
      if (promise === undefined) {
        promise = new Promise((resolve, reject) => {
          settle = () => {
            if (result !== undefined) resolve(result);
            else if (error !== undefined) reject(error);
          };
        });
        // A caller that does not await it gets the failure from `onError` or the snapshot.
        promise.catch(() => {});
        settle();
      }
      return promise;
    },
    cancel() {
      const { streamId, canResume } = position;
      const isDetached = start === undefined || start.request.onDisconnect === "detach";
      // Also after a failure or `detach`: the relay may still be generating the answer.
      if (canResume || (isDetached && !hasEnded())) {
        position.canResume = false;
        // A relay that this does not reach ends a stream without a reader by itself.
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
      position.retryCount = 0;
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
