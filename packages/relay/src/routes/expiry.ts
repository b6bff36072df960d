import { RelayError } from "../errors.ts";

/** The longest time that a Node timer can hold. */
const maxTimerMs = 2_147_483_647;

/** The moment at which what a caller proved ends. */
export interface Expiry {
  /** Aborted then, with the `RelayError` to tell. */
  readonly signal: AbortSignal;
  clear(): void;
}

/** @param expiresAt Milliseconds since 1970; undefined for never. */
export function createExpiry(expiresAt = Infinity): Expiry {
  const expired = new AbortController();
  const waitMs = expiresAt - Date.now();
  const timer =
    waitMs > maxTimerMs
      ? undefined
      : setTimeout(() => {
          expired.abort(new RelayError("unauthorized", "What the caller proved has expired."));
        }, waitMs);
  return { signal: expired.signal, clear: () => clearTimeout(timer) };
}
