import type { StopReason, Usage } from "@gatestream/protocol";
import type { StreamError } from "../stream-error.ts";
import type { OwnEvent, StreamEvent } from "../stream-events.ts";

/**
 * What a stream is doing. `connecting` until the first event of the answer, unless it is `queued` at
 * the relay; then `streaming`, or `reconnecting` while a lost connection is being replaced, `offline`
 * while it cannot be since the browser has no network; then one of the endings: `done`, `cancelled` by yourself (`cancel()`, `disconnect()`, leaving the loop, the
 * signal), by somebody else, or by the relay because nobody read it, `error`.
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

/** A whole answer, or what had come of it when it was ended from here. */
export interface StreamResult {
  readonly text: string;
  /**
   * `cancelled` when somebody asked for it, `abandoned` when the relay gave the answer up because
   * nobody read it, `disconnected` after `disconnect()`: `text` is what had come.
   */
  readonly reason: StopReason | "disconnected";
  /** What the answer cost, where the gateway tells it. */
  readonly usage?: Usage;
}

/** What an answer looks like at a moment. Never changed: the next moment is another object. */
export interface StreamSnapshot<Own extends object = object> {
  readonly text: string;
  /** What came of types that only your gateway sends, oldest first. */
  readonly events: readonly OwnEvent<Own>[];
  readonly status: StreamStatus;
  /** Whether there is more to come: it is in none of the endings. */
  readonly isRunning: boolean;
  /** Whether `resume()` goes on with it: it has ended here, and the relay may still keep it. */
  readonly canResume: boolean;
  /**
   * What `client.resume` needs to go on with it, on another page or after a reload. Undefined as long
   * as the answer cannot be resumed, and once there is nothing more to come.
   */
  readonly checkpoint?: Checkpoint | undefined;
  /** Who or what ended it, unless it failed: that of the result. */
  readonly reason?: StreamResult["reason"] | undefined;
  /** What the answer cost, where the gateway tells it. */
  readonly usage?: Usage | undefined;
  /** What the relay's operator finds the last request by. */
  readonly requestId?: string | undefined;
  /** Once `result()` would resolve. */
  readonly result?: StreamResult | undefined;
  /** Once `result()` would reject. */
  readonly error?: StreamError | undefined;
}

/**
 * Plain JSON, enough to come back to a stream from another page: `client.resume(checkpoint)`. It
 * proves that the stream is yours where callers prove nothing else: keep it as you keep the text.
 */
export interface Checkpoint {
  readonly streamId: string;
  /** The id of the last event that had come; 0 for none. */
  readonly lastEventId: number;
  /** What had come of the answer. */
  readonly text: string;
}

/** A connection that has failed, and the next try. */
export interface RetryNotice {
  readonly error: StreamError;
  /** How many requests have been sent so far. */
  readonly attempt: number;
  /** How long is waited, in milliseconds; `Infinity` until the browser is online. */
  readonly waitMs: number;
}

/** The listeners of one stream, and what ends it. All callbacks may be left out. */
export interface StreamOptions<Own extends object = object> {
  /** Ends the stream with code `aborted`; a detached stream goes on at the relay. */
  readonly signal?: AbortSignal | undefined;
  /** Each piece of text as it comes, and all of it so far. */
  readonly onToken?: ((text: string, snapshot: string) => void) | undefined;
  /** Each event, as `for await` gives them. A type that you have not declared may come too. */
  readonly onEvent?: ((event: StreamEvent<Own>) => void) | undefined;
  /** Each change of {@link StreamStatus}. */
  readonly onStatus?: ((status: StreamStatus) => void) | undefined;
  /** Each time that a connection has failed and another one is going to be tried. */
  readonly onRetry?: ((retry: RetryNotice) => void) | undefined;
  /** Once, with what `result()` rejects with; `code` is `aborted` when `signal` ended the stream. */
  readonly onError?: ((error: StreamError) => void) | undefined;
  /** Once, when the stream ends in any other way, with what `result()` gives. */
  readonly onDone?: ((result: StreamResult) => void) | undefined;
}

/** What a stream that is started may have besides. */
export interface StartOptions<Own extends object = object> extends StreamOptions<Own> {
  /**
   * Of a detached stream: the same key with the same request joins the stream that it has started,
   * from its first event, for as long as the relay keeps it. At least 16 random characters.
   *
   * @defaultValue a random one for each call
   */
  readonly idempotencyKey?: string | undefined;
}
