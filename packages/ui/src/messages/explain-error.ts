import type { StreamError } from "@gatestream/client";
import { english } from "../labels/english.ts";
import type { Labels } from "../labels/labels.ts";

/** What a person reads when an answer fails: what happened, and whether to try again. */
export function explainError(error: StreamError, labels: Labels = english): string {
  // A newer relay may know a code that this page does not.
  const explanation = labels.errors[error.code] ?? error.message;
  if (error.retryAfterMs !== undefined) {
    return `${explanation} ${labels.pleaseWait(Math.ceil(error.retryAfterMs / 1000))}`;
  }
  return error.retryable ? `${explanation} ${labels.tryAgain}` : explanation;
}
