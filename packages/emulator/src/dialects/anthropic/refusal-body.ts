import type { Refusal, RefusalReason } from "../../http/refusal.ts";

/** Says the same in Anthropic's error shape. */
export function refusalBody({ reason, message }: Refusal, contextId: string): object {
  const [type, ownMessage] = words[reason];
  return {
    type: "error",
    error: { type, message: message ?? ownMessage },
    request_id: contextId,
  };
}

const words: Readonly<Record<RefusalReason, readonly [type: string, message: string]>> = {
  "bad-request": ["invalid_request_error", "The request is not valid."],
  "unknown-target": ["invalid_request_error", "The model is not known."],
  unauthorized: ["authentication_error", "invalid x-api-key"],
  forbidden: ["permission_error", "Your API key does not have permission to use this resource."],
  "not-found": ["not_found_error", "There is nothing at this path."],
  "method-not-allowed": ["invalid_request_error", "Only POST is possible here."],
  "too-large": ["request_too_large", "The body must not be larger than 10 MiB."],
  "rate-limited": ["rate_limit_error", "This request would exceed your rate limit."],
  failed: ["api_error", "The emulator failed."],
  unavailable: ["overloaded_error", "Overloaded"],
};
