import type { Line } from "./line.ts";

export interface SharedLineOptions {
  /** @throws StreamError when it does not open, or the signal says so. */
  readonly open: (signal: AbortSignal) => Promise<Line>;
  /** How long a line that nobody uses is kept, in milliseconds. */
  readonly keepMs: number;
  /** How long nobody tries again after an attempt that failed, in milliseconds. */
  readonly pauseMs: number;
}

/** A line for all who need one: opened for the first of them, and again for all at once. */
export interface SharedLine {
  /** Says that somebody needs it. The returned function says, once, that they do not any more. */
  enter(): () => void;
  /** The line that is open, or the next one; rejects when it could not be opened. */
  line(): Promise<Line>;
}

interface Attempt {
  readonly line: Promise<Line>;
  giveUp(): void;
  opened?: Line;
}

export function createSharedLine({ open, keepMs, pauseMs }: SharedLineOptions): SharedLine {
  let userCount = 0;
  let current: Attempt | undefined;
  let pausedUntil = 0;
  let keeping: ReturnType<typeof setTimeout> | undefined;

  function begin(): Attempt {
    const givenUp = new AbortController();
    const pauseLeftMs = Math.max(0, pausedUntil - Date.now());
    const paused = new Promise((resolve) => setTimeout(resolve, pauseLeftMs));
    const line = paused.then(() => open(givenUp.signal));
    const attempt: Attempt = { line, giveUp: () => givenUp.abort() };
    line.then(
      (opened) => {
        attempt.opened = opened;
      },
      () => {
        // Not for what was given up, whose place another one may have taken.
        if (current !== attempt) return;
        current = undefined;
        pausedUntil = Date.now() + pauseMs;
      },
    );
    return attempt;
  }

  /** Whoever still waits on it hears of it. */
  function letGo(): void {
    clearTimeout(keeping);
    const { opened, giveUp } = current ?? {};
    current = undefined;
    giveUp?.();
    opened?.close();
  }

  function leave(): void {
    userCount -= 1;
    if (userCount > 0) return;
    keeping = setTimeout(letGo, current?.opened === undefined ? 0 : keepMs);
  }

  return {
    enter() {
      clearTimeout(keeping);
      userCount += 1;
      let hasLeft = false;
      return () => {
        if (!hasLeft) leave();
        hasLeft = true;
      };
    },
    line() {
      const state = current?.opened?.state();
      if (state === "dead") letGo();
      else if (state === "leaving") current = undefined;
      current ??= begin();
      return current.line;
    },
  };
}
