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
