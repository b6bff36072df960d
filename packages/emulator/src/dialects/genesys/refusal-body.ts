import { type Refusal, type RefusalReason, refusalStatuses } from "../../http/refusal.ts";

/** Says the same in the error shape of the platform API. */
export function refusalBody(refusal: Refusal, contextId: string): object {
  const { code, message } = words[refusal.reason];
  const status = refusalStatuses[refusal.reason];
  return {
    message: refusal.message ?? message,
    code,
    status,
    contextId,
    details: [],
    errors: [],
  };
}

interface Words {
  /** The dotted, machine-readable error code. */
  readonly code: string;
  readonly message: string;
}

const words: Readonly<Record<RefusalReason, Words>> = {
  "bad-request": { code: "bad.request", message: "The request is not valid." },
  "unknown-target": { code: "bad.request", message: "configurationId is not known" },
  unauthorized: { code: "bad.credentials", message: "Invalid login credentials." },
  forbidden: {
    code: "missing.any.permissions",
    message:
      "Unable to perform the requested action. You are missing the following permission: ai:llm:use",
  },
  "not-found": { code: "not.found", message: "There is nothing at this path." },
  "method-not-allowed": { code: "method.not.allowed", message: "Only POST is possible here." },
  "too-large": {
    code: "request.entity.too.large",
    message: "The body must not be larger than 10 MiB.",
  },
  "rate-limited": { code: "too.many.requests", message: "Rate limit exceeded the maximum." },
  failed: { code: "internal.server.error", message: "The emulator failed." },
  unavailable: {
    code: "service.unavailable",
    message: "The service is temporarily unavailable.",
  },
};
