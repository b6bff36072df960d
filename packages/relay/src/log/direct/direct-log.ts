import { isNotice, isTerminal, type StreamEvent } from "@gatestream/protocol";
import type { EventLog, LogBatch, LogWriter } from "../event-log.ts";

/**
 * A log that keeps nothing: each stream has one reader, and the writer waits for it, so that
 * back-pressure reaches the gateway. At most two appends wait: one for the reader to take, and
 * the one whose promise the writer holds.
 */
export function createDirectLog(): EventLog {
  const streams = new Map<string, DirectStream>();
  return {
    async create(streamId) {
      const stream = new DirectStream();
      streams.set(streamId, stream);
      return stream;
    },
    async follow(streamId, { signal }) {
      const stream = streams.get(streamId);
      // Taken: a second reader would get the other half of the events.
      streams.delete(streamId);
      stream?.endWith(signal);
      return stream;
    },
  };
}

/** Nobody but its writer closes it. */
const neverClosed = new AbortController().signal;

class DirectStream implements LogWriter, AsyncIterableIterator<LogBatch> {
  readonly isResumable = false;
  readonly closed = neverClosed;
  #nextId = 1;
  #waiting: StreamEvent[] = [];
  #waitingFirstId = 1;
  #isClosed = false;
  #reader: ((result: IteratorResult<LogBatch, undefined>) => void) | undefined;
  #waitingWriters: (() => void)[] = [];

  append(given: readonly StreamEvent[]): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    const end = given.findIndex(isTerminal);
    const events = end === -1 ? given : given.slice(0, end + 1);
    const isFull = this.#waiting.length > 0;
    if (isFull) this.#waiting.push(...events);
    else this.#waiting = [...events];
    for (const event of events) if (!isNotice(event)) this.#nextId += 1;
    if (end !== -1) this.#isClosed = true;
    this.#serve();
    if (!isFull || this.#isClosed) return undefined;
    return new Promise((resolve) => {
      this.#waitingWriters.push(resolve);
    });
  }

  /** Ends the reading side with `signal`; a writer that waits is let go. */
  endWith(signal: AbortSignal): void {
    if (signal.aborted) this.#close();
    else signal.addEventListener("abort", () => this.#close(), { once: true });
  }

  #close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#serve();
    this.#releaseWriters();
  }

  #releaseWriters(): void {
    for (const release of this.#waitingWriters.splice(0)) release();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<LogBatch, undefined>> {
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#serve();
    });
  }

  /** Hands the reader that waits what is there, or the end. */
  #serve(): void {
    const reader = this.#reader;
    // An append without events is no end.
    if (reader === undefined || (this.#waiting.length === 0 && !this.#isClosed)) return;
    this.#reader = undefined;
    if (this.#waiting.length === 0) {
      reader({ done: true, value: undefined });
      return;
    }
    const value = { firstId: this.#waitingFirstId, events: this.#waiting };
    this.#waiting = [];
    this.#waitingFirstId = this.#nextId;
    this.#releaseWriters();
    reader({ done: false, value });
  }

  async return(): Promise<IteratorResult<LogBatch, undefined>> {
    this.#close();
    return { done: true, value: undefined };
  }
}
