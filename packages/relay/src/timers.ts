import { RelayError } from "./errors.ts";

/** Settles with `work`, or resolves when that takes longer than `limitMs`. */
export async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

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
