import { isNotice, isTerminal, type StreamEvent } from "@gatestream/protocol";
import type { FollowOptions, LogBatch } from "../event-log.ts";
import { Follower } from "./follower.ts";
import { heapBytesOf } from "./heap-bytes.ts";
import { eventsAfter, KeptBatches } from "./kept-batches.ts";

export interface StreamLogSettings {
  /** What is kept of the stream, as JSON; the newest batch is kept however big it is. */
  readonly maxBytes: number;
  /** Told how many follow it, each time that this changes. */
  readonly onReaders?: (count: number) => void;
}

/** The events of one stream in memory, for any number of readers, each at its own pace. */
export class StreamLog {
  readonly #kept: KeptBatches;
  readonly #onReaders: (count: number) => void;
  readonly #followers = new Set<Follower>();
  #lastId = 0;
  #isClosed = false;

  constructor({ maxBytes, onReaders = () => {} }: StreamLogSettings) {
    this.#kept = new KeptBatches(maxBytes);
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

  /** The size of what is kept, as JSON. */
  get bytes(): number {
    return this.#kept.bytes;
  }

  /** What the events that are kept hold in memory. */
  get heapBytes(): number {
    return this.#kept.heapBytes;
  }

  /** How many follow it now. */
  get readers(): number {
    return this.#followers.size;
  }

  /**
   * Adds events in order, with the ids that come next. What comes after a terminal event is
   * dropped. `bytes` is their size as JSON, for who knows it already.
   */
  append(events: readonly StreamEvent[], bytes?: number): void {
    this.appendFrom(this.#lastId + 1, events, bytes);
  }

  /**
   * Adds events whose ids are known, as when the log is a mirror of another: the first numbered
   * one has `firstId`. What is there already is left out; what is missing in between is told to
   * followers as a gap.
   */
  appendFrom(firstId: number, given: readonly StreamEvent[], givenBytes?: number): void {
    if (this.#isClosed) return;
    let lastId = firstId - 1;
    const end = given.findIndex((event) => {
      if (!isNotice(event)) lastId += 1;
      return isTerminal(event);
    });
    const whole = end === -1 ? given : given.slice(0, end + 1);
    const events = eventsAfter({ firstId, lastId, events: whole }, this.#lastId);
    if (events.length === 0) return;
    const bytes = events === given && givenBytes !== undefined ? givenBytes : jsonBytesOf(events);
    this.#isClosed = end !== -1;
    this.#replacePlaceInQueue(events);
    this.#kept.push({
      firstId: Math.max(firstId, this.#lastId + 1),
      lastId,
      events,
      bytes,
      heapBytes: heapBytesOf(events),
    });
    this.#lastId = lastId;
    for (const follower of this.#followers) follower.wake();
  }

  /**
   * What comes after the cursor, until the terminal event. A reader counts from here on until it
   * has the terminal event, its signal is aborted or it leaves the loop.
   */
  follow({ after, signal }: FollowOptions): AsyncIterableIterator<LogBatch, undefined> {
    const stream = { kept: this.#kept, isClosed: () => this.#isClosed };
    const onLeft = (one: Follower): void => {
      this.#followers.delete(one);
      this.#onReaders(this.readers);
    };
    const follower = new Follower(stream, { after, signal, onLeft });
    this.#followers.add(follower);
    this.#onReaders(this.readers);
    if (signal.aborted) follower.leave();
    return follower;
  }

  /** Ends all who follow it where they are, without a terminal event. */
  endFollowers(): void {
    for (const follower of this.#followers) follower.leave();
  }

  /** Of places in the queue that come one after the other only the latest matters. */
  #replacePlaceInQueue(events: readonly StreamEvent[]): void {
    const newest = this.#kept.at(this.#kept.end - 1);
    if (newest === undefined || !isPlaceOnly(newest.events) || !isPlaceOnly(events)) return;
    this.#kept.pop();
    for (const follower of this.#followers) follower.rewindTo(this.#kept.end);
  }
}

function isPlaceOnly(events: readonly StreamEvent[]): boolean {
  return events.every(({ type }) => type === "queued");
}

function jsonBytesOf(events: readonly StreamEvent[]): number {
  return Buffer.byteLength(JSON.stringify(events));
}
