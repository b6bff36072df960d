import { isTerminal, type TerminalEvent } from "@gatestream/protocol";
import { type Following, KeptStream, LogBatch, type LogReader } from "@gatestream/relay/parts";
import { isUnheard } from "./ending.ts";
import { comesAfter, type EntryId, noEntry, readEntry, type StoredEntry } from "./entry.ts";

export interface MirrorOptions {
  readonly streamId: string;
  /** The relay that writes the stream. */
  readonly relayId: string;
  readonly maxLogBytes: number;
  /** When it was opened, in milliseconds. */
  readonly openedAt: number;
  /** Called with the number of readers, each time that it changes. */
  readonly onReaders: (count: number) => void;
}

/** A stream that another relay writes, kept here once for all its readers here. */
export class Mirror {
  readonly streamId: string;
  readonly relayId: string;
  readonly openedAt: number;
  readonly #log: KeptStream;
  #cursor: EntryId = noEntry;
  #terminal: TerminalEvent | undefined;
  #failure: Error | undefined;
  #isCut = false;

  constructor({ streamId, relayId, maxLogBytes, openedAt, onReaders }: MirrorOptions) {
    this.streamId = streamId;
    this.relayId = relayId;
    this.openedAt = openedAt;
    // Redis counts the events alone: as Server-Sent Events they are less than twice as much.
    this.#log = new KeptStream({ maxBytes: 2 * maxLogBytes, onReaders });
  }

  /** The last entry that was read. */
  get cursor(): EntryId {
    return this.#cursor;
  }

  get readers(): number {
    return this.#log.readers;
  }

  get isClosed(): boolean {
    return this.#log.isClosed;
  }

  /** Adds what was read from Redis; it may be there already, where a log was written anew. */
  take(entries: readonly StoredEntry[]): void {
    for (const entry of entries) {
      const { id, firstId, events } = readEntry(entry);
      if (comesAfter(this.#cursor, id)) this.#cursor = id;
      this.#terminal ??= events.find(isTerminal);
      this.#log.appendFrom(firstId, events);
    }
  }

  /** Ends the stream for its readers here, when Redis cannot deliver its end. */
  end(terminal: TerminalEvent): void {
    if (this.isClosed) return;
    this.#terminal = terminal;
    this.#log.append([terminal]);
  }

  /** Cuts the readers off, without an end of the stream: with `failure`, or in silence. */
  cut(failure?: Error): void {
    this.#isCut = true;
    this.#failure = failure;
    this.#log.endReaders();
  }

  /** Follows it; readers that may have missed the end get it whatever their cursor. */
  follow(after: number, reader: LogReader): Following {
    let hasEnd = false;
    const following = this.#log.follow(after, {
      write(batch) {
        hasEnd ||= batch.isLast;
        return reader.write(batch);
      },
      end: (failure = this.#failure) => {
        const terminal = this.#terminal;
        const position = { cursor: after, lastId: this.#log.lastId };
        if (!hasEnd && failure === undefined && terminal && isUnheard(terminal, position)) {
          reader.write(new LogBatch(after + 1, [terminal]));
        }
        reader.end(failure);
      },
    });
    // A reader that was on the way when it was cut.
    if (this.#isCut) this.#log.endReaders();
    return following;
  }
}
