import type { StopReason, Usage } from "@gatestream/protocol";
import type { StreamError } from "../stream-error.ts";
import type { OwnEvent, StreamEvent } from "../stream-events.ts";
import type { AnswerPart } from "./answer-parts.ts";

/**
 * What a stream is doing. `connecting` until the first event of the answer, unless it is `queued` at
 * the relay; then `streaming`, or `reconnecting` while a lost connection is being replaced, `offline`
 * while the browser has no network; then one of the final ones: `done`; `cancelled`, by this page
 * (`cancel()`, `detach()`, leaving the loop, the signal), by another one, or by the relay because the
 * stream had no reader; `error`.
 */
export type StreamStatus =
  | "idle"
  | "connecting"
  | "queued"
  | "streaming"
  | "reconnecting"
  | "offline"
  | "done"
  | "cancelled"
  | "error";

/** A complete answer, or what was received when this page ended it. */
export interface StreamResult {
  readonly text: string;
  /** The answer in the order in which it came: text, reasoning, tool calls, sources, files. */
  readonly parts: readonly AnswerPart[];
  /**
   * `cancelled` after `cancel()`, here or elsewhere; `abandoned` when the relay ended the answer because
   * it had no reader; `disconnected` after `detach()`. `text` is what was received.
   */
  readonly reason: StopReason | "disconnected";
  /** Token counts, where the gateway reports them. */
  readonly usage?: Usage;
}

/** An answer as of one frame. Immutable: a change is a new object. */
export interface StreamSnapshot<Events extends object = object> {
  /** The answer's text alone. */
  readonly text: string;
  /**
   * The answer in the order in which it came: text, reasoning, tool calls, sources, files. Neighbouring
   * pieces of text, or of reasoning, are one part. A part that has not changed is the same object.
   */
  readonly parts: readonly AnswerPart[];
  /** Events of types that only your gateway sends, oldest first. */
  readonly events: readonly OwnEvent<Events>[];
  readonly status: StreamStatus;
  /** Its place in the relay's queue, while `status` is `queued`: 1 is next. */
  readonly queuePosition?: number | undefined;
  /** Whether it has not ended: `status` is none of the final ones. */
  readonly isRunning: boolean;
  /** Whether `resume()` can continue it: it has ended here, and the relay may still keep it. */
  readonly canResume: boolean;
  /**
   * What `client.resume` needs to continue it, on another page or after a reload. Undefined while the
   * answer cannot be resumed, and once it is complete.
   */
  readonly checkpoint?: Checkpoint | undefined;
  /** Who or what ended it, unless it failed: the reason of the result. */
  readonly reason?: StreamResult["reason"] | undefined;
  /** Token counts, where the gateway reports them. */
  readonly usage?: Usage | undefined;
  /** What it comes over: `fetch`, `websocket`, `poll`, or the name of your own transport. */
  readonly transport?: string | undefined;
  /** Identifies the last request in the relay's logs. */
  readonly requestId?: string | undefined;
  /** Once `result()` would resolve. */
  readonly result?: StreamResult | undefined;
  /** Once `result()` would reject. */
  readonly error?: StreamError | undefined;
}

/**
 * Plain JSON to resume a stream on another page: `client.resume(checkpoint)`. Treat it as a secret: it
 * lets anyone read and cancel the stream where callers are not authenticated.
 */
export interface Checkpoint {
  readonly streamId: string;
  /** The id of the last event received; 0 for none. */
  readonly lastEventId: number;
  /** The text received so far. */
  readonly text: string;
  /** The parts received so far, where there is more than text. */
  readonly parts?: readonly AnswerPart[] | undefined;
}

/** A failed connection, and the next try. */
export interface RetryNotice {
  readonly error: StreamError;
  /** How many requests have been sent so far. */
  readonly attempt: number;
  /** The wait before the next try, in milliseconds; `Infinity` until the browser is online. */
  readonly waitMs: number;
}

/** The listeners of one stream, and what ends it. All callbacks may be left out. */
export interface StreamOptions<Events extends object = object> {
  /** Ends the stream with code `aborted`; a detached stream continues at the relay. */
  readonly signal?: AbortSignal | undefined;
  /** Each piece of text, and the whole text so far. */
  readonly onToken?: ((text: string, snapshot: string) => void) | undefined;
  /** Each event, as `for await` gives them. Types that you have not declared may come too. */
  readonly onEvent?: ((event: StreamEvent<Events>) => void) | undefined;
  /** Each change of {@link StreamStatus}. */
  readonly onStatus?: ((status: StreamStatus) => void) | undefined;
  /** Each time that a connection has failed and will be retried. */
  readonly onRetry?: ((retry: RetryNotice) => void) | undefined;
  /** Once, with what `result()` rejects with; `code` is `aborted` when `signal` ended the stream. */
  readonly onError?: ((error: StreamError) => void) | undefined;
  /** Once, when the stream ends in any other way, with what `result()` gives. */
  readonly onDone?: ((result: StreamResult) => void) | undefined;
}

/** Options of a stream that is started. */
export interface StartOptions<Events extends object = object> extends StreamOptions<Events> {
  /**
   * For a detached stream: the same key with the same request joins the stream that it has started,
   * from its first event, as long as the relay keeps it. At least 16 random characters.
   *
   * @defaultValue a random one for each call
   */
  readonly idempotencyKey?: string | undefined;
}
