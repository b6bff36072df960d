import { RelayError, type RelayErrorOptions } from "../../errors.ts";
import type { ErrorCode } from "@gatestream/protocol";

export interface TransientErrorOptions extends RelayErrorOptions {
  /** Whether the other side may have taken the request all the same. @defaultValue false */
  readonly isUnanswered?: boolean;
}

/** A failure before the first byte of an answer that may pass. */
export class TransientError extends RelayError {
  override readonly name = "TransientError";
  /** The request was sent whole, or a proxy passed it on: asking again may be a second order. */
  readonly isUnanswered: boolean;

  constructor(code: ErrorCode, message: string, options: TransientErrorOptions = {}) {
    super(code, message, options);
    this.isUnanswered = options.isUnanswered ?? false;
  }
}
