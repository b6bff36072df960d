import { RelayError } from "../../errors.ts";

/** A failure before the first byte of an answer that may be tried again. */
export class TransientError extends RelayError {
  override readonly name = "TransientError";
}
