import { isTerminal, type WrittenEvent } from "@gatestream/protocol";
import type { Following, LogReader, LogWriter } from "./event-log.ts";
import { LogBatch } from "./log-batch.ts";

/**
 * The log of a stream that has one reader and lives no longer than it: it buffers only what the reader
 * does not accept yet, and pauses the gateway until that is read.
 */
export class DirectLog implements LogWriter, Following {
  readonly isResumable = false;
  readonly takesJson = true;
  readonly #onRoom: () => void;
  #reader: LogReader | undefined;
  #hasRoom = false;
  #nextId = 1;
  #waiting: WrittenEvent[] = [];
  #isClosed = false;

  constructor({ onRoom }: { readonly onRoom: () => void }) {
    this.#onRoom = onRoom;
  }

  append(given: readonly WrittenEvent[]): boolean {
    if (this.#isClosed) return true;
    const end = given.findIndex(isTerminal);
    const events = end === -1 || end === given.length - 1 ? given : given.slice(0, end + 1);
    if (events.length === 0) return this.#hasRoom;
    if (this.#hasRoom) {
      this.#push(events);
    } else {
      // Not spread: as arguments, very many would overflow the stack.
      for (const event of events) this.#waiting.push(event);
      this.#isClosed = end !== -1;
    }
    return this.#hasRoom;
  }

  /** Sets the reader, which gets nothing before the first `resume`. */
  follow(reader: LogReader): this {
    this.#reader = reader;
    return this;
  }

  resume(): void {
    this.#hasRoom = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0) this.#push(waiting);
    if (this.#hasRoom && !this.#isClosed) this.#onRoom();
  }

  close(): void {
    this.#reader = undefined;
    this.#isClosed = true;
    this.#waiting = [];
  }

  #push(events: readonly WrittenEvent[]): void {
    const batch = new LogBatch(this.#nextId, events);
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#hasRoom = reader.write(batch);
    this.#nextId = batch.lastId + 1;
    this.#isClosed ||= batch.isLast;
    if (batch.isLast) reader.end();
  }
}
