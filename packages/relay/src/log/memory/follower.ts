import type { StreamEvent } from "@gatestream/protocol";
import type { LogBatch } from "../event-log.ts";
import { eventsAfter, type KeptBatch, type KeptBatches } from "./kept-batches.ts";

/** What a follower sees of the stream that it follows. */
export interface FollowedStream {
  readonly kept: KeptBatches;
  /** Whether the newest batch that is kept is the last. */
  isClosed(): boolean;
}

export interface FollowerOptions {
  /** The id of the last event that the reader has. */
  readonly after: number;
  readonly signal: AbortSignal;
  /** Called once, when nothing more is read. */
  readonly onLeft: (follower: Follower) => void;
}

/** A replay of many small batches is written in some bigger ones. */
const maxJoinedBytes = 64 * 1024;

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** One reader of a stream, at its own pace: it holds a cursor, and no events. */
export class Follower implements AsyncIterableIterator<LogBatch, undefined> {
  readonly #stream: FollowedStream;
  readonly #signal: AbortSignal;
  readonly #onLeft: (follower: Follower) => void;
  /** The id of the last event that was read. */
  #cursor: number;
  /** The place of the next batch to read. */
  #place: number;
  /** The place of the first batch that came after this reader. */
  #joinedAt: number;
  #hasLeft = false;
  readonly #waiting: ((result: IteratorResult<LogBatch, undefined>) => void)[] = [];

  constructor(stream: FollowedStream, { after, signal, onLeft }: FollowerOptions) {
    this.#stream = stream;
    this.#signal = signal;
    this.#onLeft = onLeft;
    this.#cursor = after;
    this.#place = stream.kept.placeAfter(after);
    this.#joinedAt = stream.kept.end;
    // The present position in the queue is no past: nothing has come after it.
    if (stream.kept.at(this.#joinedAt - 1)?.events.at(-1)?.type === "queued") this.#joinedAt -= 1;
    signal.addEventListener("abort", this.leave, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<LogBatch, undefined>> {
    const result = this.#read();
    if (result !== undefined) return Promise.resolve(result);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async return(): Promise<IteratorResult<LogBatch, undefined>> {
    this.leave();
    return done;
  }

  /** There is something new, or the end. */
  wake(): void {
    while (this.#waiting.length > 0) {
      const result = this.#read();
      if (result === undefined) return;
      this.#waiting.shift()?.(result);
    }
  }

  /** The batch in `place` has become another, that nobody has read. */
  rewindTo(place: number): void {
    this.#place = Math.min(this.#place, place);
    this.#joinedAt = Math.min(this.#joinedAt, place);
  }

  /** Ends it where it is. */
  readonly leave = (): void => {
    this.#detach();
    this.wake();
  };

  #detach(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#signal.removeEventListener("abort", this.leave);
    this.#onLeft(this);
  }

  /** What comes next; undefined while that is not known. */
  #read(): IteratorResult<LogBatch, undefined> | undefined {
    if (this.#hasLeft) return done;
    const value = this.#take();
    // Nothing comes after the terminal event: who has it need not ask again.
    if (this.#stream.isClosed() && this.#place === this.#stream.kept.end) this.#detach();
    if (value !== undefined) return { done: false, value };
    return this.#hasLeft ? done : undefined;
  }

  /** The next events that are kept, or the gap before them. */
  #take(): LogBatch | undefined {
    const { kept } = this.#stream;
    this.#place = Math.max(this.#place, kept.first);
    const pieces: (readonly StreamEvent[])[] = [];
    const firstId = this.#cursor + 1;
    let bytes = 0;
    for (let batch = kept.at(this.#place); batch; batch = kept.at(this.#place)) {
      if (batch.firstId > this.#cursor + 1) {
        if (pieces.length > 0) break;
        const gap = { type: "gap", from: firstId, to: batch.firstId - 1 } as const;
        this.#cursor = gap.to;
        return { firstId: batch.firstId, events: [gap] };
      }
      bytes += batch.bytes;
      if (pieces.length > 0 && bytes > maxJoinedBytes) break;
      const events = unread(batch, this.#cursor, this.#place < this.#joinedAt);
      if (events.length > 0) pieces.push(events);
      this.#cursor = Math.max(this.#cursor, batch.lastId);
      this.#place += 1;
    }
    const [only, another] = pieces;
    if (only === undefined) return undefined;
    return { firstId, events: another === undefined ? only : pieces.flat() };
  }
}

/** What of a batch comes after the cursor, and is still worth telling if it `isReplayed`. */
function unread(batch: KeptBatch, cursor: number, isReplayed: boolean): readonly StreamEvent[] {
  const events = eventsAfter(batch, cursor);
  const isPast = ({ type }: StreamEvent): boolean => type === "queued";
  return isReplayed && events.some(isPast) ? events.filter((event) => !isPast(event)) : events;
}
