import { RelayError } from "@gatestream/relay/parts";

/**
 * Which frames a client has: all of the events up to `eventId`, and the first `frames` of the next one.
 * Its text, the id of a frame, is `7` for the last frame of event 7, and `7.1`, `7.2` for those before it.
 */
export interface Cursor {
  readonly eventId: number;
  readonly frames: number;
}

/** The ids of the frames of one event. */
export function frameId(eventId: number, index: number, count: number): string {
  return index === count - 1 ? String(eventId) : `${eventId}.${index + 1}`;
}

/** @throws RelayError `invalid_request` for what is no id of a frame. */
export function readCursor(text: string): Cursor {
  const match = /^(?<eventId>\d{1,15})(?:\.(?<frames>\d{1,3}))?$/.exec(text);
  if (match === null) {
    throw new RelayError("invalid_request", "Last-Event-ID must be the id of an event.");
  }
  const { eventId, frames } = match.groups ?? {};
  return frames === undefined
    ? { eventId: Number(eventId), frames: 0 }
    : { eventId: Number(eventId) - 1, frames: Number(frames) };
}
