import type { Socket } from "./socket.ts";

export interface SocketPoolOptions {
  /** @throws StreamError when it does not open, or the signal says so. */
  readonly open: (signal: AbortSignal) => Promise<Socket>;
  /** How long an unused socket is kept open, in milliseconds. */
  readonly keepMs: number;
  /** The pause after a failed attempt, in milliseconds. */
  readonly pauseMs: number;
}

/** One socket for all streams: opened for the first of them, and reopened once for all. */
export interface SocketPool {
  /** Registers a user. The returned function removes it, once. */
  enter(): () => void;
  /** The socket that is open, or the next one; rejects when it could not be opened. */
  socket(): Promise<Socket>;
}

interface Attempt {
  readonly socket: Promise<Socket>;
  giveUp(): void;
  opened?: Socket;
}

export function createSocketPool({ open, keepMs, pauseMs }: SocketPoolOptions): SocketPool {
  let userCount = 0;
  let current: Attempt | undefined;
  let pausedUntil = 0;
  let keeping: ReturnType<typeof setTimeout> | undefined;

  function begin(): Attempt {
    const givenUp = new AbortController();
    const pauseLeftMs = Math.max(0, pausedUntil - Date.now());
    const paused = new Promise((resolve) => setTimeout(resolve, pauseLeftMs));
    const socket = paused.then(() => open(givenUp.signal));
    const attempt: Attempt = { socket, giveUp: () => givenUp.abort() };
    socket.then(
      (opened) => {
        attempt.opened = opened;
      },
      () => {
        // An attempt that was given up may have been replaced.
        if (current !== attempt) return;
        current = undefined;
        pausedUntil = Date.now() + pauseMs;
      },
    );
    return attempt;
  }

  /** Its users are notified by the socket. */
  function close(): void {
    clearTimeout(keeping);
    const { opened, giveUp } = current ?? {};
    current = undefined;
    giveUp?.();
    opened?.close();
  }

  function leave(): void {
    userCount -= 1;
    if (userCount > 0) return;
    keeping = setTimeout(close, current?.opened === undefined ? 0 : keepMs);
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
    socket() {
      const state = current?.opened?.state();
      if (state === "dead") close();
      else if (state === "leaving") current = undefined;
      current ??= begin();
      return current.socket;
    },
  };
}
