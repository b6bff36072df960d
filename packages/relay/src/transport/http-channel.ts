import type { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { headerNames } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";
import type { Channel } from "./channel.ts";
import { chunkOf, chunkSocketOf } from "./chunk.ts";
import { replyWithError } from "./reply.ts";

export interface HttpChannelOptions {
  readonly requestId: string;
  /** What may wait for the reader before writing waits too. */
  readonly maxBufferedBytes: number;
  /** How long a reader may leave it waiting. */
  readonly slowConsumerTimeoutMs: number;
}

/** A channel that is the response to one HTTP request. */
export function createHttpChannel(response: ServerResponse, options: HttpChannelOptions): Channel {
  const { requestId, maxBufferedBytes, slowConsumerTimeoutMs } = options;
  const left = new AbortController();
  let isClosed = false;
  /** Takes chunks once the head has left with the first write. */
  let socket: Socket | undefined;
  const isGone = (): boolean => isClosed || response.destroyed;
  // Not the request's `close`: on a POST that one fires when the body has been read.
  response.once("close", () => {
    isClosed = true;
    // Over HTTP/2 a response that was reset is called finished, and never destroyed.
    if (!response.writableEnded || !response.writableFinished) left.abort();
  });
  if (response.destroyed || response.writableFinished) left.abort();
  // A stream may be silent for long: a server's timeout for idle connections is not for it.
  response.on("timeout", () => {
    if (response.writableEnded) response.destroy();
  });

  /** Waits for `event` or `close`: a socket whose reader has gone emits nothing else. */
  function untilEventOrClose(
    emitter: EventEmitter,
    event: "drain" | "finish",
    onTimeout: () => void,
  ): Promise<void> {
    return new Promise((resolve) => {
      if (isGone()) {
        resolve();
        return;
      }
      const settle = (): void => {
        clearTimeout(timer);
        emitter.off(event, settle);
        response.off("close", settle);
        resolve();
      };
      const timer = setTimeout(() => {
        onTimeout();
        settle();
      }, slowConsumerTimeoutMs);
      emitter.on(event, settle);
      response.on("close", settle);
    });
  }

  return {
    left: left.signal,
    refuse: (error) => replyWithError(response, error, requestId),
    open({ streamId, mediaType }) {
      if (isGone()) return;
      response.writeHead(200, {
        "Content-Type": mediaType,
        "Cache-Control": "no-cache, no-store, no-transform",
        "X-Accel-Buffering": "no",
        "X-Content-Type-Options": "nosniff",
        [headerNames.streamId]: streamId,
        [headerNames.requestId]: requestId,
      });
    },
    write(text) {
      // A destroyed socket never drains; after the end it is the next response's.
      if (isGone() || response.writableEnded) return true;
      const piece = socket === undefined ? text : chunkOf(text);
      // Text leaves with one copy; what waits is kept as the bytes that it is counted in.
      const isWaiting = response.writableLength > 0;
      const hasRoom = (socket ?? response).write(isWaiting ? Buffer.from(piece) : piece);
      socket ??= chunkSocketOf(response);
      return hasRoom || response.writableLength <= maxBufferedBytes;
    },
    async room() {
      let isTooSlow = false;
      await untilEventOrClose(socket ?? response, "drain", () => {
        isTooSlow = true;
      });
      if (isTooSlow) {
        throw new RelayError(
          "slow_consumer",
          `The client did not catch up within ${slowConsumerTimeoutMs} ms with more than ${maxBufferedBytes} bytes.`,
        );
      }
    },
    drop: () => void response.destroy(),
    async end() {
      if (isGone()) return;
      const finished = untilEventOrClose(response, "finish", () => response.destroy());
      response.end();
      await finished;
    },
  };
}
