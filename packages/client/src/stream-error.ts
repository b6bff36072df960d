import type { ErrorCode } from "@gatestream/protocol";

/**
 * Codes that the client itself gives: `network` no answer came, `protocol` the answer was not a
 * relay's, `truncated` it broke off before its end, `aborted` the caller's signal ended it.
 */
export type ClientErrorCode = "network" | "protocol" | "truncated" | "aborted";

export type StreamErrorCode = ErrorCode | ClientErrorCode;

export interface StreamErrorDetails {
  /** Whether the same request may succeed later. @defaultValue false */
  readonly retryable?: boolean | undefined;
  /** HTTP status, when the relay refused the request. */
  readonly status?: number | undefined;
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** What the relay's operator finds the request by. */
  readonly requestId?: string | undefined;
  /** What had been received until then. @defaultValue `""` */
  readonly text?: string | undefined;
  readonly cause?: unknown;
}

const brand = Symbol.for("gatestream.StreamError");

/** Why a stream has no complete answer. Tell them apart by `code`, never by `message`. */
export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly code: StreamErrorCode;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  /** The partial answer: nothing that was received is lost. */
  readonly text: string;

  constructor(code: StreamErrorCode, message: string, details: StreamErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    Object.defineProperty(this, brand, { value: true });
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.requestId = details.requestId;
    this.text = details.text ?? "";
  }
}

/** Whether `value` is a {@link StreamError}, also one from another copy of this package. */
export function isStreamError(value: unknown): value is StreamError {
  return typeof value === "object" && value !== null && brand in value;
}
