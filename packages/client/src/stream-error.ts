import type { ErrorCode } from "@gatestream/protocol";

/**
 * Codes that the client itself gives.
 *
 * - `network`: there was no response; the address or the connection failed.
 * - `headers`: the `headers` option, or the `token` of a WebSocket, failed; `cause` is what it threw.
 * - `timeout`: the relay did not answer within `connectTimeoutMs`.
 * - `stalled`: nothing was received for longer than `idleTimeoutMs`, not even a heartbeat.
 * - `truncated`: the answer broke off before its end, and the rest is not available.
 * - `protocol`: the response is not one of a relay.
 * - `aborted`: the caller's own signal ended the stream.
 * - `tool`: the `onToolCall` of a conversation failed, `cause` is what it threw; or too many answers in a
 *   row have called tools.
 */
export type ClientErrorCode =
  | "network"
  | "headers"
  | "timeout"
  | "stalled"
  | "truncated"
  | "protocol"
  | "aborted"
  | "tool";

/** Every code that a {@link StreamError} can have: the relay's and the client's own. */
export type StreamErrorCode = ErrorCode | ClientErrorCode;

/** Details of a failure besides its code and message. */
export interface StreamErrorDetails {
  /**
   * Whether the same request may succeed later.
   *
   * @defaultValue true for `network`, `timeout`, `stalled` and `truncated`
   */
  readonly retryable?: boolean | undefined;
  /** HTTP status, when the relay refused the request. */
  readonly status?: number | undefined;
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Identifies the request in the relay's logs. */
  readonly requestId?: string | undefined;
  /** How many requests had been sent for the stream. @defaultValue 0 */
  readonly attempts?: number | undefined;
  /** The id of the last event that was received. @defaultValue 0 */
  readonly lastEventId?: number | undefined;
  /** The text that was received until then. @defaultValue `""` */
  readonly text?: string | undefined;
  /** The failure behind this one, as the platform threw it. */
  readonly cause?: unknown;
}

const brand = Symbol.for("gatestream.StreamError");

/**
 * Why a stream has no complete answer. Distinguish errors by `code`, never by `message`.
 *
 * @example
 * ```ts
 * stream.result().catch((error: unknown) => {
 *   if (!isStreamError(error)) throw error;
 *   if (error.code === "unauthorized") location.assign("/login");
 *   else show(error.text, error.retryable ? "Try again?" : error.message);
 * });
 * ```
 */
export class StreamError extends Error {
  override readonly name = "StreamError";
  declare readonly code: StreamErrorCode;
  /** Whether the same request may succeed later. */
  declare readonly retryable: boolean;
  /** HTTP status, when the relay refused the request. */
  declare readonly status: number | undefined;
  /** How long to wait before trying again, in milliseconds. */
  declare readonly retryAfterMs: number | undefined;
  /** Identifies the request in the relay's logs. */
  declare readonly requestId: string | undefined;
  /** How many requests had been sent for the stream. */
  declare readonly attempts: number;
  /** The id of the last event that had come; 0 for none. */
  declare readonly lastEventId: number;
  /** The partial answer. */
  declare readonly text: string;

  constructor(code: StreamErrorCode, message: string, details: StreamErrorDetails = {}) {
    // `Error` takes the cause, and only where there is one.
    super(message, details.cause === undefined ? {} : details);
    // Not a member of the type: a unique symbol of another copy's declarations is another type.
    (this as { [brand]?: true })[brand] = true;
    this.code = code;
    this.retryable =
      details.retryable ?? ["network", "timeout", "stalled", "truncated"].includes(code);
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.requestId = details.requestId;
    this.attempts = details.attempts ?? 0;
    this.lastEventId = details.lastEventId ?? 0;
    this.text = details.text ?? "";
  }
}

/** Whether `value` is a {@link StreamError}, also one from another copy of this package. */
export function isStreamError(value: unknown): value is StreamError {
  return typeof value === "object" && value !== null && brand in value;
}
