import type { WebSocket } from "ws";

export interface PulseOptions {
  /** How long nothing may be said before a sign of life, and how often the page is asked for one. */
  readonly heartbeatMs: number;
  /** How long what waits for the page may keep the question from reaching it. */
  readonly slowConsumerTimeoutMs: number;
  /** Nothing was said for `heartbeatMs`. */
  readonly onSilence: () => void;
  /** The page has not answered. */
  readonly onDead: () => void;
  /** The page has not read for so long that it could not even be asked. */
  readonly onSlow: () => void;
}

/** Keeps a socket alive, and notices when the other end has vanished without a word. */
export interface Pulse {
  /** Something was said. */
  spoke(): void;
  stop(): void;
}

/** A page that is busy, or on its way through a tunnel, may take that long to answer. */
const mayTakeMs = 10_000;

/** Begins to ask. Whoever takes too long to answer is dead. */
export function createPulse(webSocket: WebSocket, options: PulseOptions): Pulse {
  const { heartbeatMs, slowConsumerTimeoutMs, onSilence, onDead, onSlow } = options;
  let isAnswered = true;
  let isAsked = true;
  let askedAt = 0;
  const answerTimeoutMs = Math.max(heartbeatMs, Math.min(slowConsumerTimeoutMs, mayTakeMs));
  webSocket.on("pong", () => {
    isAnswered = true;
  });

  const silence = setInterval(onSilence, heartbeatMs);
  function ask(): void {
    isAnswered = false;
    isAsked = false;
    askedAt = performance.now();
    webSocket.ping("", false, () => {
      isAsked = true;
    });
  }

  const question = setInterval(() => {
    const waitedMs = performance.now() - askedAt;
    if (isAnswered) {
      ask();
    } else if (!isAsked) {
      // Behind what waits, the question is still on this side.
      if (waitedMs >= slowConsumerTimeoutMs) onSlow();
    } else if (waitedMs >= answerTimeoutMs) {
      // Where the loop stood still, an answer may be there that nobody has read.
      setImmediate(() => {
        if (!isAnswered) onDead();
      });
    }
  }, heartbeatMs);

  return {
    spoke: () => void silence.refresh(),
    stop() {
      clearInterval(silence);
      clearInterval(question);
    },
  };
}
