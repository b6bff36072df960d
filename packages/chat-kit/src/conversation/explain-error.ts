import type { StreamError, StreamErrorCode } from "@gatestream/client";

/** The codes of the relay, then those of the client. */
const explanations: Readonly<Record<StreamErrorCode, string>> = {
  invalid_request: "The relay could not read this request.",
  unauthorized: "You are not signed in, or your sign-in has expired.",
  forbidden: "You may not use this chat from here.",
  not_found: "The relay was not found at this address.",
  stream_not_found: "This answer is no longer kept.",
  method_not_allowed: "The relay does not understand this request.",
  cursor_unknown: "The place to continue from is not known any more.",
  payload_too_large: "The conversation has become too long to send. Start a new chat.",
  unsupported_media_type: "The relay does not understand this request.",
  idempotency_key_reused: "This question was already asked in another form. Ask it again.",
  rate_limited: "You have sent many messages in a short time.",
  gateway_rejected: "The gateway refused this conversation.",
  gateway_auth_failed: "The gateway did not accept the relay's credentials. An operator must look.",
  gateway_rate_limited: "The gateway is answering as many questions as it may right now.",
  gateway_unavailable: "The gateway cannot be reached right now.",
  gateway_timeout: "The gateway took too long.",
  gateway_interrupted: "The answer broke off before it was complete.",
  gateway_protocol_error: "The gateway sent something that could not be understood.",
  slow_consumer: "The connection was too slow to keep up with the answer.",
  producer_lost: "The server that was writing this answer is gone.",
  overloaded: "Too many people are asking at once.",
  relay_draining: "The server is being restarted.",
  internal_error: "Something went wrong on the server.",
  network: "The server cannot be reached.",
  headers: "Your sign-in could not be renewed.",
  timeout: "The server did not answer in time.",
  stalled: "The connection has fallen silent.",
  truncated: "The answer broke off before it was complete.",
  protocol: "The server's reply was not an answer. Something in between may have changed it.",
  aborted: "The request was called off.",
};

/** What a person reads when an answer fails: what happened, and whether to try again. */
export function explainError(error: StreamError): string {
  // A newer relay may know a code that this page does not.
  const explanation = explanations[error.code] ?? error.message;
  if (error.retryAfterMs !== undefined) {
    const seconds = Math.ceil(error.retryAfterMs / 1000);
    return `${explanation} Please wait ${seconds === 1 ? "a second" : `${seconds} seconds`}.`;
  }
  return error.retryable ? `${explanation} Trying again may help.` : explanation;
}
