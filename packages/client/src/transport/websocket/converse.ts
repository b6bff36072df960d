import { isTerminal, type ClientFrame, type EventFrame } from "@gatestream/protocol";
import { StreamError } from "../../stream-error.ts";
import type { Connection } from "../transport.ts";
import { closeFailure } from "./close-failure.ts";
import type { AddressedFrame, Closing, Line } from "./line.ts";
import type { SharedLine } from "./shared-line.ts";

export interface Conversation extends Partial<
  Pick<Connection, "signal" | "isUnwanted" | "onLife">
> {
  /** What is asked; its `ref` is what the answers are known by. */
  readonly ask: ClientFrame;
  /** Gets the answers, and says whether one was the last. What it throws ends it too. */
  readonly onFrame: (frame: AddressedFrame) => boolean;
}

/**
 * Asks on a line, and hands on the answers up to the last one, or until the signal ends it.
 *
 * @throws StreamError when the line cannot be opened or breaks, and whatever `onFrame` throws.
 */
export function converse(
  shared: SharedLine,
  { ask, signal, isUnwanted, onLife = () => {}, onFrame }: Conversation,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { ref } = ask;
    const leave = shared.enter();
    let line: Line | undefined;
    let hasBegun = false;
    let hasMore = true;
    let isOver = false;

    function end(failure?: unknown): void {
      if (isOver) return;
      isOver = true;
      signal?.removeEventListener("abort", onAbort);
      line?.forget(ref);
      leave();
      if (failure === undefined) resolve();
      else reject(failure);
    }

    /** Nobody here reads any more. */
    function giveUp(failure?: unknown): void {
      if (hasMore && !isOver) line?.send({ op: "leave", ref });
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
    shared.line().then((opened) => {
      if (isUnwanted?.()) end(new StreamError("aborted", "Cancelled."));
      if (isOver) return;
      line = opened;
      const onClosed = (closing: Closing): void => end(closeFailure(closing, hasBegun));
      line.hear(ref, { onFrame: take, onLife, onClosed });
      line.send(ask);
    }, end);
  });
}

/** Only what is part of a stream says of which. */
export function isEvent(frame: AddressedFrame): frame is EventFrame {
  return "streamId" in frame;
}
