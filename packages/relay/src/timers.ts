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

/**
 * Calls `onIdle` when nothing was marked for `limitMs`. Marking activity reads the clock and moves no
 * timer: the timer, when it is due, waits for what is left.
 */
export class IdleTimer {
  readonly #limitMs: number;
  readonly #onIdle: () => void;
  #timer: NodeJS.Timeout | undefined;
  #activeAt = 0;

  constructor(limitMs: number, onIdle: () => void) {
    this.#limitMs = limitMs;
    this.#onIdle = onIdle;
  }

  /** Starts to wait, also after `onIdle` was called or `stop`. */
  start(): void {
    this.stop();
    this.#activeAt = performance.now();
    this.#timer = setTimeout(this.#check, this.#limitMs);
  }

  /** Something happened. */
  markActivity(): void {
    this.#activeAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  readonly #check = (): void => {
    const restMs = this.#activeAt + this.#limitMs - performance.now();
    if (restMs >= 1) this.#timer = setTimeout(this.#check, restMs);
    else this.#onIdle();
  };
}
