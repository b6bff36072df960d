import type { Duplex } from "node:stream";
import { socketCloseCodes, type HeartbeatFrame } from "@gatestream/protocol";
import type { WebSocket } from "ws";
import { createKeepalive } from "./keepalive.ts";

export interface WebsocketConnectionOptions {
  /** The stream below the socket. */
  readonly duplex: Duplex;
  readonly heartbeatMs: number;
  readonly slowConsumerTimeoutMs: number;
  readonly onText: (text: string) => void;
  /** The connection is gone. The code is the one that was agreed on, 1006 for none. */
  readonly onClosed: (code: number) => void;
}

/** One page's socket, on which many streams are sent. */
export interface WebsocketConnection {
  /** Whether it is closed, or begins to be: then nothing is sent. */
  readonly isClosing: boolean;
  /** Calls `listener` when it begins to close; the returned function removes it. */
  whenClosing(listener: () => void): () => void;
  /** What the system has not taken yet. */
  readonly waitingBytes: number;
  /** Sends what is part of a stream; `onSent` is called when the system has taken it. */
  send(text: string, onSent: () => void): void;
  /** Sends what is no part of a stream. A page that leaves too much of it unread is too slow. */
  answer(text: string): void;
  /** The page has not read in time. */
  giveUp(): void;
  close(code: number, reason: string): void;
  /** Destroys it without a close frame. */
  terminate(): void;
}

/** How much of what is no part of a stream may wait. */
const maxAnswerBytes = 256 * 1024;
/** RFC 6455, "Control Frames": 125 bytes, two of them for the code. */
const maxReasonBytes = 123;

const heartbeat = JSON.stringify({ type: "heartbeat" } satisfies HeartbeatFrame);

export function createWebsocketConnection(
  webSocket: WebSocket,
  options: WebsocketConnectionOptions,
): WebsocketConnection {
  const { duplex, heartbeatMs, slowConsumerTimeoutMs } = options;
  const closeListeners = new Set<() => void>();
  let isClosing = false;
  let answerBytes = 0;
  let isCorked = false;

  const keepalive = createKeepalive(webSocket, {
    heartbeatMs,
    slowConsumerTimeoutMs,
    onSilence() {
      // Where something waits, the page is not waiting.
      if (webSocket.bufferedAmount === 0) send(heartbeat, () => {});
    },
    onDead: () => webSocket.terminate(),
    onSlow: giveUp,
  });

  webSocket.on("message", (data, isBinary) => {
    if (isClosing) return;
    if (isBinary) close(socketCloseCodes.notText, "Frames are text.");
    else options.onText(String(data));
  });
  // The close code states the reason.
  webSocket.on("error", beginClosing);
  webSocket.once("close", (code) => {
    keepalive.stop();
    beginClosing();
    options.onClosed(code);
  });

  /** What is sent within one turn of the event loop leaves in one write. */
  function cork(): void {
    if (isCorked) return;
    isCorked = true;
    duplex.cork();
    setImmediate(() => {
      isCorked = false;
      duplex.uncork();
    });
  }

  function send(text: string, onSent: () => void): void {
    if (isClosing) return;
    cork();
    keepalive.markActivity();
    webSocket.send(text, onSent);
  }

  function giveUp(): void {
    // After the waiting writers have been notified: it must not look as if the page had left.
    setImmediate(close, socketCloseCodes.slowConsumer, "The page did not read in time.");
  }

  function close(code: number, reason: string): void {
    if (isClosing) return;
    webSocket.close(code, shortened(reason));
    beginClosing();
  }

  function beginClosing(): void {
    isClosing = true;
    for (const listener of closeListeners) listener();
    closeListeners.clear();
  }

  return {
    get isClosing() {
      return isClosing;
    },
    whenClosing(listener) {
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    get waitingBytes() {
      return webSocket.bufferedAmount;
    },
    send,
    answer(text) {
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
    terminate: () => webSocket.terminate(),
  };
}

/** As much of `reason` as fits into a close frame, in whole characters. */
function shortened(reason: string): string {
  const bytes = Buffer.from(reason).subarray(0, maxReasonBytes);
  return new TextDecoder().decode(bytes, { stream: true });
}
