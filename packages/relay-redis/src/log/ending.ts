import type { TerminalEvent } from "@gatestream/protocol";
import { describeError, RelayError } from "@gatestream/relay/parts";

/** Who closed a log: its writer, a canceller, or a reader's relay that missed the writer. */
export type ClosedBy = "writer" | "cancelled" | "lost";

/** The end of a stream that its writer did not write. */
export type EndedBy = Exclude<ClosedBy, "writer">;

export const cancelledEvent: TerminalEvent = { type: "stop", reason: "cancelled" };

export function producerLost(): RelayError {
  return new RelayError("producer_lost", "The relay that wrote this answer is gone; ask again.");
}

/** The request is not known here any more: its stream's id stands for it. */
export function lostEvent(streamId: string): TerminalEvent {
  return { type: "error", ...describeError(producerLost(), streamId) };
}

export function terminalOf(endedBy: EndedBy, streamId: string): TerminalEvent {
  return endedBy === "cancelled" ? cancelledEvent : lostEvent(streamId);
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
