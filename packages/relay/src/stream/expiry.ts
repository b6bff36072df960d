import { RelayError } from "../errors.ts";

/** The longest time that a Node timer can hold. */
const maxTimerMs = 2_147_483_647;

/**
 * Calls `onExpired` with the error when a caller's credentials expire. The returned function cancels
 * it.
 *
 * @param expiresAt Milliseconds since 1970; undefined for never.
 */
export function whenExpired(
  expiresAt: number | undefined,
  onExpired: (reason: RelayError) => void,
): () => void {
  const waitMs = (expiresAt ?? Infinity) - Date.now();
  if (waitMs > maxTimerMs) return () => {};
  const timer = setTimeout(
    () => onExpired(new RelayError("unauthorized", "What the caller proved has expired.")),
    waitMs,
  );
  return () => clearTimeout(timer);
}
