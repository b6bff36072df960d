import type { CutFrame, DoneFrame, RefusalFrame } from "@gatestream/protocol";
import { describeError, RelayError } from "../errors.ts";
import type { Channel } from "./channel.ts";
import type { WebsocketConnection } from "./websocket-connection.ts";

export interface WebsocketChannelOptions {
  /** What the page calls the stream. */
  readonly ref: string;
  readonly requestId: string;
  /** What may wait of this stream, as long as there are so many on the socket. */
  readonly shareBytes: () => number;
  /** How long the page may leave it waiting. */
  readonly slowConsumerTimeoutMs: number;
  /** Nothing more will be sent for `ref`. */
  readonly onEnded: () => void;
}

/** A channel that is one of many on a socket. */
export interface WebsocketChannel extends Channel {
  /** Says that there is nothing more to say. */
  done(): void;
  /** The page does not read it any more. */
  leave(): void;
}

/** What the page is told where no stream comes of a frame; without `ref` where it means none. */
export function refusalFrame(error: RelayError, requestId: string, ref?: string): string {
  const frame: RefusalFrame = {
    type: "error",
    status: error.status,
    ...describeError(error, requestId),
    ...(ref !== undefined && { ref }),
  };
  return JSON.stringify(frame);
}

/**
 * The socket's bytes leave in the order in which they were sent, so each stream has a share of what
 * may wait: one that has more of it waits for itself, and holds up the others by no more than that.
 */
export function createWebsocketChannel(
  connection: WebsocketConnection,
  options: WebsocketChannelOptions,
): WebsocketChannel {
  const { ref, requestId, shareBytes, slowConsumerTimeoutMs } = options;
  const { closing } = connection;
  const left = new AbortController();
  let waitingBytes = 0;
  let isOpened = false;
  let isOver = false;
  let onSent: () => void = () => {};

  function finish(): void {
    isOver = true;
    closing.removeEventListener("abort", leave);
    options.onEnded();
  }

  function leave(): void {
    if (isOver) return;
    finish();
    left.abort();
  }

  function send(text: string): void {
    const bytes = Buffer.byteLength(text);
    waitingBytes += bytes;
    connection.send(text, () => {
      waitingBytes -= bytes;
      onSent();
    });
  }

  function drop(): void {
    if (isOver) return;
    connection.answer(JSON.stringify({ type: "cut", ref } satisfies CutFrame));
    leave();
  }

  /** Resolves when so little waits, or nobody reads it any more; with false when neither in time. */
  function untilAtMost(limitBytes: () => number): Promise<boolean> {
    return new Promise((resolve) => {
      const isEnough = (): boolean =>
        closing.aborted || left.signal.aborted || waitingBytes <= limitBytes();
      const settle = (isInTime: boolean): void => {
        clearTimeout(timer);
        onSent = () => {};
        closing.removeEventListener("abort", look);
        left.signal.removeEventListener("abort", look);
        resolve(isInTime);
      };
      const look = (): void => {
        if (isEnough()) settle(true);
      };
      const timer = setTimeout(() => {
        settle(false);
        connection.giveUp();
      }, slowConsumerTimeoutMs);
      onSent = look;
      closing.addEventListener("abort", look);
      left.signal.addEventListener("abort", look);
      look();
    });
  }

  closing.addEventListener("abort", leave);
  if (closing.aborted) leave();

  return {
    left: left.signal,
    refuse(error) {
      if (isOver) return;
      // Too late for a refusal.
      if (isOpened) {
        drop();
        return;
      }
      connection.answer(refusalFrame(error, requestId, ref));
      finish();
    },
    open() {
      isOpened = true;
    },
    write(text) {
      if (isOver || text === "") return true;
      send(text);
      return waitingBytes <= shareBytes();
    },
    async room() {
      if (await untilAtMost(shareBytes)) return;
      throw new RelayError(
        "slow_consumer",
        `The client did not catch up within ${slowConsumerTimeoutMs} ms with more than ${shareBytes()} bytes.`,
      );
    },
    drop,
    async end() {
      if (isOver) return;
      finish();
      await untilAtMost(() => 0);
    },
    done() {
      if (isOver) return;
      connection.answer(JSON.stringify({ type: "done", ref } satisfies DoneFrame));
      finish();
    },
    leave,
  };
}
