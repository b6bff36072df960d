import type { Duplex } from "node:stream";
import { socketCloseCodes, type HeartbeatFrame } from "@gatestream/protocol";
import type { WebSocket } from "ws";

export interface WebsocketConnectionOptions {
  /** The stream below the socket. */
  readonly duplex: Duplex;
  /** Silence before a heartbeat is due, and how often the page is pinged. */
  readonly heartbeatMs: number;
  readonly slowConsumerTimeoutMs: number;
  readonly onText: (text: string) => void;
  /** The connection is gone. The code is the one that was agreed on, 1006 for none. */
  readonly onClosed: (code: number) => void;
}

/** How much of what is no part of a stream may wait. */
const maxAnswerBytes = 256 * 1024;
/** RFC 6455, "Control Frames": 125 bytes, two of them for the code. */
const maxReasonBytes = 123;
/** Grace period for busy pages and bad networks. */
const maxPongTimeoutMs = 10_000;

const heartbeat = JSON.stringify({ type: "heartbeat" } satisfies HeartbeatFrame);

/** One page's socket, on which many streams are sent. */
export type WebsocketConnection = ReturnType<typeof createWebsocketConnection>;

export function createWebsocketConnection(
  webSocket: WebSocket,
  { duplex, heartbeatMs, slowConsumerTimeoutMs, onText, onClosed }: WebsocketConnectionOptions,
) {
  const pongTimeoutMs = Math.max(heartbeatMs, Math.min(slowConsumerTimeoutMs, maxPongTimeoutMs));
  const closeListeners = new Set<() => void>();
  let isClosing = false;
  let answerBytes = 0;
  let isCorked = false;
  let isPingAnswered = true;
  let isPingSent = true;
  let pingedAt = 0;

  const silence = setInterval(() => {
    // Where something waits, the page is not waiting.
    if (webSocket.bufferedAmount === 0) send(heartbeat, () => {});
  }, heartbeatMs);
  const pinging = setInterval(ping, heartbeatMs);

  webSocket.on("message", (data, isBinary) => {
    if (isClosing) return;
    if (isBinary) close(socketCloseCodes.notText, "Frames are text.");
    else onText(String(data));
  });
  webSocket.on("pong", () => {
    isPingAnswered = true;
  });
  // The close code states the reason.
  webSocket.on("error", beginClosing);
  webSocket.once("close", (code) => {
    beginClosing();
    onClosed(code);
  });

  /** Detects a page that has gone without closing its socket. */
  function ping(): void {
    const waitedMs = performance.now() - pingedAt;
    if (isPingAnswered) {
      isPingAnswered = false;
      isPingSent = false;
      pingedAt = performance.now();
      webSocket.ping("", false, () => {
        isPingSent = true;
        // What waited in front of it is no delay of the page's answer.
        pingedAt = performance.now();
      });
    } else if (!isPingSent) {
      // The ping waits behind unread data.
      if (waitedMs >= slowConsumerTimeoutMs) giveUp();
    } else if (waitedMs >= pongTimeoutMs) {
      // After the event loop was blocked, an answer may have arrived without being read.
      setImmediate(() => {
        if (!isPingAnswered) webSocket.terminate();
      });
    }
  }

  /** Sends what is part of a stream; `onSent` is called when the system has taken it. */
  function send(text: string, onSent: () => void): void {
    if (isClosing) return;
    // What is sent within one turn of the event loop leaves in one write.
    if (!isCorked) {
      isCorked = true;
      duplex.cork();
      setImmediate(() => {
        isCorked = false;
        duplex.uncork();
      });
    }
    silence.refresh();
    webSocket.send(text, onSent);
  }

  /** The page has not read in time. */
  function giveUp(): void {
    // After the waiting writers have been notified: it must not look as if the page had left.
    setImmediate(close, socketCloseCodes.slowConsumer, "The page did not read in time.");
  }

  function close(code: number, reason: string): void {
    if (isClosing) return;
    // As much of it as fits, in whole characters.
    const bytes = Buffer.from(reason).subarray(0, maxReasonBytes);
    webSocket.close(code, new TextDecoder().decode(bytes, { stream: true }));
    beginClosing();
  }

  function beginClosing(): void {
    isClosing = true;
    clearInterval(silence);
    // The close frame waits behind unread data: closing has a time limit of its own.
    clearInterval(pinging);
    for (const listener of closeListeners) listener();
    closeListeners.clear();
  }

  return {
    /** Whether it is closed, or begins to be: then nothing is sent. */
    get isClosing(): boolean {
      return isClosing;
    },
    /** What the system has not taken yet. */
    get waitingBytes(): number {
      return webSocket.bufferedAmount;
    },
    /** Calls `listener` when it begins to close; the returned function removes it. */
    whenClosing(listener: () => void): () => void {
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    send,
    /** Sends what is no part of a stream. A page that leaves too much of it unread is too slow. */
    answer(text: string): void {
      // Nothing but ASCII, or a few characters more.
      const bytes = text.length;
      answerBytes += bytes;
      if (answerBytes > maxAnswerBytes) giveUp();
      send(text, () => {
        answerBytes -= bytes;
      });
    },
    giveUp,
    close,
  };
}
