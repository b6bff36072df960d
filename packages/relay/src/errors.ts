import { errorTable, type ErrorCode, type ErrorReply } from "@gatestream/protocol";

const brand = Symbol.for("gatestream.RelayError");

export interface RelayErrorOptions {
  /** For the operator's log only; never sent. */
  readonly cause?: unknown;
  /** The shortest wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Whether the same request may be sent again. @defaultValue that of `code` in the table */
  readonly retryable?: boolean;
  /** @defaultValue the status of `code` in the protocol's table */
  readonly status?: number;
  /** What a refusal says in its headers, such as `Allow`. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The error that a client receives. `message` is public: it names no host,
 * holds no secret, prompt or stack. What only the operator may see rides in `cause`.
 */
export class RelayError extends Error {
  override readonly name: string = "RelayError";
  readonly [brand] = true;
  readonly code: ErrorCode;
  /** HTTP status while headers are unsent. */
  readonly status: number;
  readonly retryable: boolean;
  /** The shortest wait before trying again, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What a refusal says in its headers. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, options: RelayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const row = errorTable[code];
    this.code = code;
    this.status = options.status ?? row.status;
    this.retryable = options.retryable ?? row.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.headers = options.headers ?? {};
  }
}

/** Whether `value` is a {@link RelayError}, also one from another copy of this package. */
export function isRelayError(value: unknown): value is RelayError {
  return typeof value === "object" && value !== null && brand in value;
}

/** Any failure as ours: what is not a {@link RelayError} becomes `internal_error`. */
export function toRelayError(failure: unknown): RelayError {
  if (isRelayError(failure)) return failure;
  return new RelayError("internal_error", "The relay failed; its log tells why.", {
    cause: failure,
  });
}

/** What a request that comes too late is refused with. */
export function drainingError(): RelayError {
  return new RelayError("relay_draining", "This relay is shutting down.");
}

/** The default wait for statuses that require one, when no better value is known. */
const usualWaitMs = 1_000;

/** What a client receives for `error`, in a refusal as in an `error` event. */
export function describeError(error: RelayError, requestId: string): ErrorReply["error"] {
  const { code, message, retryable, status } = error;
  const promisesWait = status === 429 || status === 503;
  const retryAfterMs = error.retryAfterMs ?? (promisesWait ? usualWaitMs : undefined);
  return {
    code,
    message,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    requestId,
  };
}
