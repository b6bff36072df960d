import type { WebSocket } from "ws";

export interface KeepaliveOptions {
  /** Silence before a heartbeat is due, and how often the client is pinged. */
  readonly heartbeatMs: number;
  /** How long unread data may keep a ping from being sent. */
  readonly slowConsumerTimeoutMs: number;
  /** Nothing was sent for `heartbeatMs`. */
  readonly onSilence: () => void;
  /** A ping was not answered in time. */
  readonly onDead: () => void;
  /** The client has not read for so long that a ping could not be sent. */
  readonly onSlow: () => void;
}

/** Keeps a socket alive, and detects when the other end has gone without closing it. */
export interface Keepalive {
  /** Something was sent. */
  markActivity(): void;
  stop(): void;
}

/** Grace period for busy pages and bad networks. */
const maxAnswerTimeoutMs = 10_000;

/** Begins to ping. A client that takes too long to answer is dead. */
export function createKeepalive(webSocket: WebSocket, options: KeepaliveOptions): Keepalive {
  const { heartbeatMs, slowConsumerTimeoutMs, onSilence, onDead, onSlow } = options;
  let isAnswered = true;
  let isPingSent = true;
  let pingedAt = 0;
  const answerTimeoutMs = Math.max(
    heartbeatMs,
    Math.min(slowConsumerTimeoutMs, maxAnswerTimeoutMs),
  );
  webSocket.on("pong", () => {
    isAnswered = true;
  });

  const silence = setInterval(onSilence, heartbeatMs);
  function ping(): void {
    isAnswered = false;
    isPingSent = false;
    pingedAt = performance.now();
    webSocket.ping("", false, () => {
      isPingSent = true;
    });
  }

  const pinging = setInterval(() => {
    const waitedMs = performance.now() - pingedAt;
    if (isAnswered) {
      ping();
    } else if (!isPingSent) {
      // The ping waits behind unread data.
      if (waitedMs >= slowConsumerTimeoutMs) onSlow();
    } else if (waitedMs >= answerTimeoutMs) {
      // After the event loop was blocked, an answer may have arrived without being read.
      setImmediate(() => {
        if (!isAnswered) onDead();
      });
    }
  }, heartbeatMs);

  return {
    markActivity: () => void silence.refresh(),
    stop() {
      clearInterval(silence);
      clearInterval(pinging);
    },
  };
}
