import { isNotice, isTerminal, type StreamEvent } from "@gatestream/protocol";
import type { LogBatch } from "../event-log.ts";

/**
 * The id of an entry of a log in Redis: the id of its last event, then 0; where an entry has notices
 * alone, the id of the last event before it, then 1, 2 … So a reader's cursor is a place in Redis.
 */
export type EntryId = `${number}-${number}`;

/** Where a log without entries stands. */
export const noEntry: EntryId = "0-0";

/** The id of the last event of a log that ends with this entry. */
export function lastIdAt(entryId: EntryId): number {
  return split(entryId)[0];
}

/** Whether somebody who reads on from `place` gets this entry. */
export function comesAfter(place: EntryId, entryId: EntryId): boolean {
  const [lastId, notices] = split(entryId);
  const [placeId, placeNotices] = split(place);
  return lastId > placeId || (lastId === placeId && notices > placeNotices);
}

function split(entryId: EntryId): readonly [lastId: number, notices: number] {
  const [lastId, notices] = entryId.split("-");
  return [Number(lastId), Number(notices)];
}

/** The id of the last event that a reader of `batch` has. */
export function lastIdOf({ firstId, events }: LogBatch): number {
  return firstId + events.filter((event) => !isNotice(event)).length - 1;
}

/** Some events of a stream as they are sent to Redis. */
export interface LogEntry {
  readonly id: EntryId;
  readonly firstId: number;
  /** As JSON. */
  readonly events: string;
  /** Whether nothing comes after it. */
  readonly isLast: boolean;
}

/**
 * A batch as the entries that come after `previous`: what is no use to other relays is left out. An
 * entry has `maxBytes` at most, or one event: Redis forgets whole entries.
 */
export function entriesAfter(
  previous: EntryId,
  { firstId, events }: LogBatch,
  maxBytes: number,
): LogEntry[] {
  const entries: LogEntry[] = [];
  let [lastId, notices] = split(previous);
  let nextId = firstId;
  let piece: string[] = [];
  let pieceBytes = 0;
  let isLast = false;

  function endEntry(): void {
    if (piece.length === 0) return;
    const numberedTo = nextId - 1;
    notices = numberedTo >= entryFirstId ? 0 : numberedTo === lastId ? notices + 1 : 1;
    lastId = numberedTo;
    entries.push({
      id: `${lastId}-${notices}`,
      firstId: entryFirstId,
      events: `[${piece.join(",")}]`,
      isLast,
    });
    entryFirstId = nextId;
    piece = [];
    pieceBytes = 0;
  }

  let entryFirstId = firstId;
  for (const event of events) {
    if (!isForOthers(event)) continue;
    const json = JSON.stringify(event);
    const bytes = Buffer.byteLength(json) + 1;
    if (pieceBytes + bytes > maxBytes) endEntry();
    piece.push(json);
    pieceBytes += bytes;
    isLast = isTerminal(event);
    if (!isNotice(event)) nextId += 1;
  }
  endEntry();
  return entries;
}

/** What is missing is told by the ids; that readers could not come back is past when others hear it. */
function isForOthers(event: StreamEvent): boolean {
  if (event.type === "warning") return "code" in event && event.code !== "not_resumable";
  return event.type !== "gap";
}

/** An entry as Redis gives it back. */
export interface StoredEntry {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}

/** A batch that was read from Redis. */
export interface ReadBatch extends LogBatch {
  readonly id: EntryId;
  /** As JSON. */
  readonly bytes: number;
}

/** @throws SyntaxError when somebody else has written it. */
export function readEntry({ id, message }: StoredEntry): ReadBatch {
  const { first = "", events = "" } = message;
  return {
    id: id as EntryId,
    firstId: Number(first),
    events: JSON.parse(events) as readonly StreamEvent[],
    bytes: Buffer.byteLength(events),
  };
}
