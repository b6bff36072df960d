import type { Refusal, RefusalReason } from "../../http/refusal.ts";

/** Says the same in OpenAI's error shape. */
export function refusalBody({ reason, message }: Refusal): object {
  const { message: ownMessage, type, code } = words[reason];
  return { error: { message: message ?? ownMessage, type, param: null, code } };
}

interface Words {
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

const invalid = "invalid_request_error";

const words: Readonly<Record<RefusalReason, Words>> = {
  "bad-request": { type: invalid, code: null, message: "The request is not valid." },
  "unknown-target": {
    type: invalid,
    code: "model_not_found",
    message: "The model does not exist or you do not have access to it.",
  },
  unauthorized: {
    type: invalid,
    code: "invalid_api_key",
    message: "Incorrect API key provided.",
  },
  forbidden: {
    type: invalid,
    code: "insufficient_permissions",
    message: "You have insufficient permissions for this operation.",
  },
  "not-found": { type: invalid, code: "unknown_url", message: "There is nothing at this path." },
  "method-not-allowed": {
    type: invalid,
    code: "method_not_supported",
    message: "Only POST is possible here.",
  },
  "too-large": {
    type: invalid,
    code: null,
    message: "The body must not be larger than 10 MiB.",
  },
  "rate-limited": {
    type: "requests",
    code: "rate_limit_exceeded",
    message: "Rate limit reached for requests.",
  },
  failed: { type: "server_error", code: null, message: "The emulator failed." },
  unavailable: {
    type: "server_error",
    code: null,
    message: "The server is overloaded or not ready yet.",
  },
};
