import { RelayError } from "@gatestream/relay/parts";

/** The refusal of what needs Redis while it is away. */
export function storeAway(cause?: unknown): RelayError {
  const message = "Answers that other relays write cannot be reached at the moment; try again.";
  return new RelayError("overloaded", message, { retryAfterMs: 1_000, cause });
}
