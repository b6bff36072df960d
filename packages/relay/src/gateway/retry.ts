import type { ErrorCode } from "@gatestream/protocol";
import { RelayError, type RelayErrorOptions } from "../errors.ts";

/** A failure before the first byte of an answer that may pass. */
export class TransientError extends RelayError {
  override readonly name = "TransientError";
  /**
   * The other side may have taken the request all the same: it was sent whole, or a proxy passed it on.
   * Asking again may be a second order.
   */
  readonly isUnanswered: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: RelayErrorOptions & { readonly isUnanswered?: boolean } = {},
  ) {
    super(code, message, options);
    this.isUnanswered = options.isUnanswered ?? false;
  }
}

/**
 * How long to wait after the failed try number `attempt`, in milliseconds: full jitter under an
 * exponential cap, on top of the wait that the other side asked for, so that relays with
 * the same wait do not retry together.
 */
export function retryDelayMs(attempt: number, statedWaitMs: number, random: () => number): number {
  const capMs = Math.min(8_000, 250 * 2 ** (attempt - 1));
  return Math.round(statedWaitMs + random() * capMs);
}
