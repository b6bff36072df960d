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
  #wakeReader: (() => void) | undefined;
  #waitingWriters: (() => void)[] = [];

  append(events: readonly StreamEvent[]): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    const isFull = this.#waiting.length > 0;
    if (isFull) this.#waiting.push(...events);
    else this.#waiting = [...events];
    for (const event of events) {
      if (isNotice(event)) continue;
      this.#nextId += 1;
      if (isTerminal(event)) this.#isClosed = true;
    }
    this.#wakeReader?.();
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
    this.#wakeReader?.();
    this.#releaseWriters();
  }

  #releaseWriters(): void {
    for (const release of this.#waitingWriters.splice(0)) release();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<LogBatch, undefined>> {
    // An append without events wakes the reader too: that is no end.
    while (this.#waiting.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
      this.#wakeReader = undefined;
    }
    if (this.#waiting.length === 0) return { done: true, value: undefined };
    const batch = { firstId: this.#waitingFirstId, events: this.#waiting };
    this.#waiting = [];
    this.#waitingFirstId = this.#nextId;
    this.#releaseWriters();
    return { done: false, value: batch };
  }

  async return(): Promise<IteratorResult<LogBatch, undefined>> {
    this.#close();
    return { done: true, value: undefined };
  }
}
