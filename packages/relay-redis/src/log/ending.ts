import type { TerminalEvent } from "@gatestream/protocol";
import { describeError, RelayError } from "@gatestream/relay/parts";

/** The end of a stream that its writer did not write: by a canceller, or by a relay that missed the writer. */
export type EndedBy = "cancelled" | "lost";

/** Who closed a log. */
export type ClosedBy = "writer" | EndedBy;

export const cancelledEvent: TerminalEvent = { type: "stop", reason: "cancelled" };

export function producerLost(): RelayError {
  return new RelayError("producer_lost", "The relay that wrote this answer is gone; ask again.");
}

/** The request of a lost stream is not known any more: the stream's id stands for it. */
export function terminalOf(endedBy: EndedBy, streamId: string): TerminalEvent {
  if (endedBy === "cancelled") return cancelledEvent;
  return { type: "error", ...describeError(producerLost(), streamId) };
}

/**
 * Whether a reader at `cursor` still has to get this end, which is the event `lastId` of the log.
 * Readers may have had events from the writing relay that Redis never got: a cursor that is ahead
 * then is no mistake, and one that is at the end may stand for such an event.
 */
export function isUnheard(
  terminal: TerminalEvent,
  { cursor, lastId }: { readonly cursor: number; readonly lastId: number },
): boolean {
  if (terminal.type === "error") return terminal.code === "producer_lost" && cursor >= lastId;
  return terminal.reason === "cancelled" && cursor > lastId;
}
