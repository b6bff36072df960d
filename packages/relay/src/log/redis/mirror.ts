import { isTerminal, type TerminalEvent } from "@gatestream/protocol";
import type { FollowOptions, LogBatch } from "../event-log.ts";
import { StreamLog } from "../memory/stream-log.ts";
import { isUnheard } from "./ending.ts";
import { comesAfter, type EntryId, noEntry, readEntry, type StoredEntry } from "./entry.ts";

export interface MirrorOptions {
  readonly streamId: string;
  /** The relay that writes the stream. */
  readonly relayId: string;
  readonly maxLogBytes: number;
  /** When it was opened, in milliseconds. */
  readonly openedAt: number;
  /** Told how many readers there are, each time that this changes. */
  readonly onReaders: (count: number) => void;
}

/** A stream that another relay writes, kept here once for all its readers here. */
export class Mirror {
  readonly streamId: string;
  readonly relayId: string;
  readonly openedAt: number;
  readonly #log: StreamLog;
  #place: EntryId = noEntry;
  #terminal: TerminalEvent | undefined;
  #failure: Error | undefined;
  #isCut = false;

  constructor({ streamId, relayId, maxLogBytes, openedAt, onReaders }: MirrorOptions) {
    this.streamId = streamId;
    this.relayId = relayId;
    this.openedAt = openedAt;
    this.#log = new StreamLog({ maxBytes: maxLogBytes, onReaders });
  }

  /** The last entry that was read. */
  get place(): EntryId {
    return this.#place;
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
      const { id, firstId, events, bytes } = readEntry(entry);
      if (comesAfter(this.#place, id)) this.#place = id;
      this.#terminal ??= events.find(isTerminal);
      this.#log.appendFrom(firstId, events, bytes);
    }
  }

  /** Ends the stream for its readers here, where Redis cannot tell them its end. */
  end(terminal: TerminalEvent): void {
    if (this.isClosed) return;
    this.#terminal = terminal;
    this.#log.append([terminal]);
  }

  /** Cuts the readers off, without an end of the stream: with `failure`, or in silence. */
  cut(failure?: Error): void {
    this.#isCut = true;
    this.#failure = failure;
    this.#log.endFollowers();
  }

  /** What comes after the cursor; readers that may have missed the end hear it whatever their cursor. */
  follow({ after, signal }: FollowOptions): AsyncIterableIterator<LogBatch, undefined> {
    const events = this.#log.follow({ after, signal });
    // Who was on the way when it was cut.
    if (this.#isCut) this.#log.endFollowers();
    let isOver = false;
    const next = async (): Promise<IteratorResult<LogBatch, undefined>> => {
      const result = await events.next();
      if (!result.done) return result;
      if (isOver || signal.aborted) return result;
      isOver = true;
      if (this.#failure !== undefined) throw this.#failure;
      const terminal = this.#terminal;
      const isHeard =
        terminal === undefined || !isUnheard(terminal, { cursor: after, lastId: this.#log.lastId });
      return isHeard ? result : { done: false, value: { firstId: after + 1, events: [terminal] } };
    };
    return {
      next,
      async return() {
        isOver = true;
        await events.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
