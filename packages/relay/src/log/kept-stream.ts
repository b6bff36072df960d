import { isTerminal, type TerminalEvent, type WrittenEvent } from "@gatestream/protocol";
import type { Following, LogReader } from "./event-log.ts";
import { joinBatches, LogBatch } from "./log-batch.ts";

export interface KeptStreamOptions {
  /**
   * What is kept, in bytes of Server-Sent Events: the newest batches. The newest one is kept however
   * big it is.
   */
  readonly maxBytes: number;
  /** Called with the number of its readers whenever that changes. */
  readonly onReaders?: (count: number) => void;
}

/** A replay of many small batches is written in some bigger ones. */
const maxJoinedBytes = 64 * 1024;

/** The events of one stream in memory, for any number of readers, each at its own pace. */
export class KeptStream {
  readonly #maxBytes: number;
  readonly #onReaders: (count: number) => void;
  readonly #readers = new Set<StreamReader>();
  readonly #positions = new Set<ReadPosition>();
  /** By index: 0, 1, 2 … A map forgets its oldest entry in constant time; an array moves all others. */
  readonly #batches = new Map<number, LogBatch>();
  #firstIndex = 0;
  #endIndex = 0;
  #bytes = 0;
  #heapBytes = 0;
  #lastId = 0;
  #isClosed = false;
  #reason: string | undefined;

  constructor({ maxBytes, onReaders = () => {} }: KeptStreamOptions) {
    this.#maxBytes = maxBytes;
    this.#onReaders = onReaders;
  }

  /** The id of the last event, kept or not; 0 for none. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Whether that event is the terminal. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why it ended; undefined while it has not. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** The size of what is kept, as Server-Sent Events in UTF-8. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What the events that are kept hold in memory. */
  get heapBytes(): number {
    return this.#heapBytes;
  }

  /** How many read it now. */
  get readers(): number {
    return this.#readers.size;
  }

  /** Adds events in order, with the ids that come next. What comes after a terminal event is dropped. */
  append(events: readonly WrittenEvent[]): void {
    this.appendFrom(this.#lastId + 1, events);
  }

  /**
   * Adds events whose ids are known, as when the log is a copy of another: the first numbered one has
   * `firstId`. What is there already is left out; what is missing in between becomes a gap.
   */
  appendFrom(firstId: number, given: readonly WrittenEvent[]): void {
    if (this.#isClosed || given.length === 0) return;
    const end = given.findIndex(isTerminal);
    const events = end === -1 ? given : given.slice(0, end + 1);
    const last = given[end];
    if (last !== undefined && isTerminal(last)) this.#reason = reasonOf(last);
    let nextId = firstId;
    for (const run of splitAtPositions(events)) {
      const batch = new LogBatch(nextId, run);
      nextId = batch.lastId + 1;
      this.#push(batch.after(this.#lastId));
    }
  }

  /**
   * Adds a reader of what comes after the event of the id `after`. It counts as a reader until it has
   * the terminal event or is closed.
   */
  follow(after: number, reader: LogReader): Following {
    const position = this.openAfter(after);
    const following = new StreamReader(this, position, reader, () => {
      this.close(position);
      this.#readers.delete(following);
      this.#onReaders(this.readers);
    });
    this.#readers.add(following);
    this.#onReaders(this.readers);
    return following;
  }

  /** Ends all readers where they are, without a terminal event. */
  endReaders(failure?: unknown): void {
    for (const reader of this.#readers) reader.end(failure);
  }

  /** The cursor of a reader that has the event of this id; the reader must close it. */
  openAfter(id: number): ReadPosition {
    let from = this.#firstIndex;
    let to = this.#endIndex;
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if ((this.#batches.get(middle)?.lastId ?? 0) < id) from = middle + 1;
      else to = middle;
    }
    // The present position in the queue is no past: nothing has come after it.
    const isWaiting = this.#batches.get(this.#endIndex - 1)?.isPosition === true;
    const joinedAt = this.#endIndex - (isWaiting ? 1 : 0);
    const position = { cursor: id, index: from, joinedAt };
    this.#positions.add(position);
    return position;
  }

  /** Nothing is read from `position` any more. */
  close(position: ReadPosition): void {
    this.#positions.delete(position);
  }

  /** Whether there is nothing to read at `position`. */
  isAtEnd(position: ReadPosition): boolean {
    return position.index >= this.#endIndex;
  }

  /** The next events after `position`, or the gap before them, and moves it. */
  read(position: ReadPosition): LogBatch | undefined {
    position.index = Math.max(position.index, this.#firstIndex);
    const batches: LogBatch[] = [];
    let bytes = 0;
    for (;;) {
      const batch = this.#batches.get(position.index);
      if (batch === undefined) break;
      if (batch.firstId > position.cursor + 1) {
        if (batches.length > 0) break;
        const gap = { type: "gap", from: position.cursor + 1, to: batch.firstId - 1 } as const;
        position.cursor = gap.to;
        return new LogBatch(batch.firstId, [gap]);
      }
      bytes += batch.bytes;
      if (batches.length > 0 && bytes > maxJoinedBytes) break;
      const isPast = batch.isPosition && position.index < position.joinedAt;
      const rest = isPast ? undefined : batch.after(position.cursor);
      if (rest !== undefined) batches.push(rest);
      position.cursor = Math.max(position.cursor, batch.lastId);
      position.index += 1;
    }
    return joinBatches(batches);
  }

  #push(batch: LogBatch | undefined): void {
    if (batch === undefined) return;
    if (batch.isPosition) this.#forgetPosition();
    // Read before anything is kept: there are events that cannot be written.
    this.#bytes += batch.bytes;
    this.#heapBytes += batch.heapBytes;
    this.#batches.set(this.#endIndex, batch);
    this.#endIndex += 1;
    while (this.#bytes > this.#maxBytes && this.#firstIndex < this.#endIndex - 1) {
      this.#forget(this.#firstIndex);
      this.#firstIndex += 1;
    }
    const isNext = batch.firstId === this.#lastId + 1;
    this.#lastId = batch.lastId;
    this.#isClosed = batch.isLast;
    for (const reader of this.#readers) reader.push(batch, isNext);
    batch.compact();
  }

  /** Of positions in the queue that come one after the other only the latest matters. */
  #forgetPosition(): void {
    const newest = this.#batches.get(this.#endIndex - 1);
    if (newest?.isPosition !== true) return;
    this.#endIndex -= 1;
    this.#forget(this.#endIndex);
    for (const position of this.#positions) {
      position.index = Math.min(position.index, this.#endIndex);
      position.joinedAt = Math.min(position.joinedAt, this.#endIndex);
    }
  }

  #forget(index: number): void {
    const batch = this.#batches.get(index);
    this.#bytes -= batch?.bytes ?? 0;
    this.#heapBytes -= batch?.heapBytes ?? 0;
    this.#batches.delete(index);
  }
}

/** How far a reader has read. */
export interface ReadPosition {
  /** The id of the last event that was read. */
  cursor: number;
  /** The index of the next batch to read. */
  index: number;
  /** The index of the first batch that came after the reader: positions before it are past. */
  joinedAt: number;
}

/** One reader: level, it is pushed to; behind, it reads at its own pace. It holds no events. */
class StreamReader implements Following {
  readonly #stream: KeptStream;
  readonly #position: ReadPosition;
  readonly #reader: LogReader;
  readonly #onLeft: () => void;
  #isLevel = false;
  #isOver = false;

  constructor(stream: KeptStream, position: ReadPosition, reader: LogReader, onLeft: () => void) {
    this.#stream = stream;
    this.#position = position;
    this.#reader = reader;
    this.#onLeft = onLeft;
  }

  /** There is a new batch, behind all others. */
  push(batch: LogBatch, isNext: boolean): void {
    if (!this.#isLevel || this.#isOver) return;
    if (!isNext || this.#position.cursor !== batch.firstId - 1) {
      this.resume();
      return;
    }
    this.#position.cursor = batch.lastId;
    this.#position.index += 1;
    this.#write(batch);
  }

  resume(): void {
    this.#isLevel = true;
    while (this.#isLevel && !this.#isOver) {
      const batch = this.#stream.read(this.#position);
      if (batch === undefined) break;
      this.#write(batch);
    }
    // A reader that is ahead of the end gets nothing.
    if (this.#isLevel && this.#stream.isClosed && this.#stream.isAtEnd(this.#position)) this.end();
  }

  #write(batch: LogBatch): void {
    try {
      this.#isLevel = this.#reader.write(batch);
      if (batch.isLast) this.end();
    } catch (failure) {
      // One reader's failure is not the others'.
      this.end(failure);
    }
  }

  end(failure?: unknown): void {
    if (this.#isOver) return;
    this.close();
    this.#reader.end(failure);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onLeft();
  }
}

/** Why a stream ended, in one word. */
export function reasonOf(terminal: TerminalEvent): string {
  return terminal.type === "stop" ? terminal.reason : terminal.code;
}

/** Positions in the queue in batches of their own: a replay leaves out those that are past. */
function splitAtPositions(events: readonly WrittenEvent[]): readonly (readonly WrittenEvent[])[] {
  const hasPosition = events.some((event) => typeof event !== "string" && event.type === "queued");
  return hasPosition ? events.map((event) => [event]) : [events];
}
