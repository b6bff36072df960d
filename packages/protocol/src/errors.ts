interface ErrorRow {
  /** The HTTP status while headers are unsent. */
  readonly status: number;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly meaning: string;
}

/** Every error of the wire, once. PROTOCOL.md is held against this table by a test. */
export const errorTable = {
  invalid_request: {
    status: 400,
    retryable: false,
    meaning: "The request's body or headers are wrong; the message names the field.",
  },
  unauthorized: {
    status: 401,
    retryable: false,
    meaning: "The caller did not prove who they are.",
  },
  forbidden: {
    status: 403,
    retryable: false,
    meaning: "The origin, configuration or scope is not allowed.",
  },
  not_found: { status: 404, retryable: false, meaning: "No such route." },
  stream_not_found: {
    status: 404,
    retryable: false,
    meaning: "The stream is unknown, expired, not resumable or another caller's.",
  },
  method_not_allowed: {
    status: 405,
    retryable: false,
    meaning: "The route exists; the Allow header names its methods.",
  },
  cursor_unknown: { status: 409, retryable: false, meaning: "The cursor is ahead of the log." },
  payload_too_large: { status: 413, retryable: false, meaning: "The body exceeds maxBodyBytes." },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    meaning: "The body is not application/json.",
  },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    meaning: "The Idempotency-Key was used for another request.",
  },
  rate_limited: { status: 429, retryable: true, meaning: "This relay's limit for the caller." },
  gateway_rejected: {
    status: 502,
    retryable: false,
    meaning: "The gateway refused the request (any other 4xx); 400 stays 400.",
  },
  gateway_auth_failed: {
    status: 502,
    retryable: false,
    meaning: "The gateway refused the relay's credentials.",
  },
  gateway_rate_limited: {
    status: 429,
    retryable: true,
    meaning: "The gateway still said 429 after the retries.",
  },
  gateway_unavailable: {
    status: 502,
    retryable: true,
    meaning: "The gateway could not be reached, or answered 5xx after the retries.",
  },
  gateway_timeout: {
    status: 504,
    retryable: true,
    meaning: "The gateway took too long: to connect, to begin, between two pieces, or in total.",
  },
  gateway_interrupted: {
    status: 502,
    retryable: true,
    meaning: "The answer was cut in the middle, or the gateway said that it failed.",
  },
  gateway_protocol_error: {
    status: 502,
    retryable: false,
    meaning: "The gateway's answer could not be understood.",
  },
  slow_consumer: {
    status: 503,
    retryable: true,
    meaning: "The client did not catch up in time with what waited for it.",
  },
  producer_lost: {
    status: 503,
    retryable: true,
    meaning: "The relay that wrote the stream died.",
  },
  overloaded: {
    status: 503,
    retryable: true,
    meaning: "The queue is full, or the request waited too long.",
  },
  relay_draining: { status: 503, retryable: true, meaning: "This relay is shutting down." },
  internal_error: { status: 500, retryable: true, meaning: "A fault of the relay." },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** The body of every refusal. */
export interface ErrorReply {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly retryable: boolean;
    /** How long to wait before trying again, in milliseconds. */
    readonly retryAfterMs?: number;
    readonly requestId: string;
  };
}
