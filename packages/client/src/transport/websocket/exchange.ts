import { isTerminal, type ClientFrame, type EventFrame } from "@gatestream/protocol";
import { StreamError } from "../../stream-error.ts";
import type { Connection } from "../transport.ts";
import { closeFailure } from "./close-failure.ts";
import type { AddressedFrame, Closing, Socket } from "./socket.ts";
import type { SocketPool } from "./socket-pool.ts";

export interface Exchange extends Partial<
  Pick<Connection, "signal" | "isUnwanted" | "onActivity">
> {
  /** The frame to send; answers have its `ref`. */
  readonly ask: ClientFrame;
  /** Gets the answers, and returns whether one was the last. What it throws ends it too. */
  readonly onFrame: (frame: AddressedFrame) => boolean;
}

/**
 * Sends a frame on a socket, and passes on its answers up to the last one, or until the signal aborts.
 *
 * @throws StreamError when the socket cannot be opened or closes early, and whatever `onFrame` throws.
 */
export function exchange(
  pool: SocketPool,
  { ask, signal, isUnwanted, onActivity = () => {}, onFrame }: Exchange,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { ref } = ask;
    const leave = pool.enter();
    let socket: Socket | undefined;
    let hasBegun = false;
    let hasMore = true;
    let isOver = false;

    function end(failure?: unknown): void {
      if (isOver) return;
      isOver = true;
      signal?.removeEventListener("abort", onAbort);
      socket?.forget(ref);
      leave();
      if (failure === undefined) resolve();
      else reject(failure);
    }

    /** The reader has left, or failed. */
    function giveUp(failure?: unknown): void {
      if (hasMore && !isOver) socket?.send({ op: "leave", ref });
      end(failure);
    }

    const onAbort = (): void => giveUp();

    function take(frame: AddressedFrame): void {
      hasBegun = true;
      hasMore = isEvent(frame) && !isTerminal(frame);
      try {
        if (onFrame(frame)) end();
      } catch (failure) {
        giveUp(failure);
      }
    }

    if (signal?.aborted) {
      end();
      return;
    }
    signal?.addEventListener("abort", onAbort);
    pool.socket().then((opened) => {
      if (isUnwanted?.()) end(new StreamError("aborted", "Cancelled."));
      if (isOver) return;
      socket = opened;
      const onClosed = (closing: Closing): void => end(closeFailure(closing, hasBegun));
      socket.listen(ref, { onFrame: take, onActivity, onClosed });
      socket.send(ask);
    }, end);
  });
}

/** Only what is part of a stream says of which. */
export function isEvent(frame: AddressedFrame): frame is EventFrame {
  return "streamId" in frame;
}
