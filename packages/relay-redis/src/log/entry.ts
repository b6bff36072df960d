import type { EventLine, LogBatch } from "@gatestream/relay/parts";

/**
 * The id of an entry of a log in Redis: the id of its last event, then 0; where an entry has notices
 * alone, the id of the last event before it, then 1, 2 … So a reader's cursor is a position in Redis.
 */
export type EntryId = `${number}-${number}`;

/** Where a log without entries stands. */
export const noEntry: EntryId = "0-0";

/** The id of the last event of a log that ends with this entry. */
export function lastIdAt(entryId: EntryId): number {
  return split(entryId)[0];
}

/** Whether a reader that resumes from `cursor` gets this entry. */
export function comesAfter(cursor: EntryId, entryId: EntryId): boolean {
  const [lastId, notices] = split(entryId);
  const [cursorId, cursorNotices] = split(cursor);
  return lastId > cursorId || (lastId === cursorId && notices > cursorNotices);
}

function split(entryId: EntryId): readonly [lastId: number, notices: number] {
  const [lastId, notices] = entryId.split("-");
  return [Number(lastId), Number(notices)];
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
 * Events as the entries that come after `previous`; the first event that has an id has `firstId`. What
 * is no use to other relays is left out. An entry has `maxBytes` at most, or one event: Redis forgets
 * whole entries.
 */
export function entriesAfter(
  previous: EntryId,
  { firstId, lines, isLast }: Pick<LogBatch, "firstId" | "lines" | "isLast">,
  maxBytes: number,
): LogEntry[] {
  const entries: LogEntry[] = [];
  let [lastId, notices] = split(previous);
  let nextId = firstId;
  let entryFirstId = firstId;
  let piece: string[] = [];
  let pieceBytes = 0;

  function endEntry(isLastEntry = false): void {
    if (piece.length === 0) return;
    const numberedTo = nextId - 1;
    notices = numberedTo >= entryFirstId ? 0 : numberedTo === lastId ? notices + 1 : 1;
    lastId = numberedTo;
    const events = `[${piece.join(",")}]`;
    entries.push({
      id: `${lastId}-${notices}`,
      firstId: entryFirstId,
      events,
      isLast: isLastEntry,
    });
    entryFirstId = nextId;
    piece = [];
    pieceBytes = 0;
  }

  for (const line of lines) {
    if (!isForOthers(line)) continue;
    const bytes = Buffer.byteLength(line.json) + 1;
    if (pieceBytes + bytes > maxBytes) endEntry();
    piece.push(line.json);
    pieceBytes += bytes;
    if (line.notice === undefined) nextId += 1;
  }
  endEntry(isLast);
  return entries;
}

/** What is missing shows in the ids; that readers could not resume is past when others read it. */
function isForOthers({ notice, json }: EventLine): boolean {
  if (notice === "warning") return !json.includes('"code":"not_resumable"');
  return notice !== "gap";
}

/** An entry as Redis gives it back. */
export interface StoredEntry {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}
