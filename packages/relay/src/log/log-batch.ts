import { isNotice, isTerminal, type StreamEvent } from "@gatestream/protocol";
import { chunkOf, encodeSse } from "../http/sse.ts";

/** One event as JSON. */
export interface EventLine {
  /** The type of a notice; undefined for an event with an id. */
  readonly notice: string | undefined;
  readonly json: string;
}

/** What is known of a batch that is kept as text. */
interface KeptText {
  readonly lastId: number;
  readonly isLast: boolean;
  readonly frames: string;
}

/**
 * Events that were appended together and are best written together. They become text at most once,
 * for all readers of a process; a log may keep the text alone.
 */
export class LogBatch {
  /** The id of the first numbered event; the others count on from it. */
  readonly firstId: number;
  /** The id of the last numbered event; the one before `firstId` where there are only notices. */
  readonly lastId: number;
  /** Whether it ends with the terminal event. */
  readonly isLast: boolean;
  #events: readonly StreamEvent[] | undefined;
  #frames: string | undefined;
  #chunk: string | undefined;

  /** @param events At least one; a terminal event must be the last. */
  constructor(firstId: number, events: readonly StreamEvent[] | KeptText) {
    this.firstId = firstId;
    if ("frames" in events) {
      this.lastId = events.lastId;
      this.isLast = events.isLast;
      this.#frames = events.frames;
      return;
    }
    let count = 0;
    for (const event of events) if (!isNotice(event)) count += 1;
    const last = events.at(-1);
    this.lastId = firstId + count - 1;
    this.isLast = last !== undefined && isTerminal(last);
    this.#events = events;
  }

  get events(): readonly StreamEvent[] {
    return this.#events ?? this.lines.map(({ json }) => JSON.parse(json) as StreamEvent);
  }

  /** Its events as JSON. */
  get lines(): readonly EventLine[] {
    const lines: EventLine[] = [];
    let notice: string | undefined;
    // JSON has no line feeds of its own. Not a pattern with `^`, `.` and `$`: content may hold
    // U+2028, which ends a line there and does not in Server-Sent Events.
    for (const line of this.frames.split("\n")) {
      if (line === "") notice = undefined;
      else if (line.startsWith("event: ")) notice = line.slice("event: ".length);
      else if (line.startsWith("data: ")) lines.push({ notice, json: line.slice("data: ".length) });
    }
    return lines;
  }

  /** As Server-Sent Events. @throws TypeError or RangeError for values that JSON cannot hold. */
  get frames(): string {
    return (this.#frames ??= encodeSse(this.#events ?? [], this.firstId));
  }

  /** As one chunk of HTTP/1.1 that holds Server-Sent Events. */
  get chunk(): string {
    return (this.#chunk ??= chunkOf(this.frames));
  }

  /** Whether it holds nothing but positions in the queue, of which only the latest matters. */
  get isPosition(): boolean {
    return this.lastId < this.firstId && this.events.every(({ type }) => type === "queued");
  }

  /** Keeps nothing but one text. */
  compact(): void {
    // A text that was put together from pieces holds them until it is read as a whole.
    Buffer.byteLength(this.frames);
    this.#events = undefined;
    this.#chunk = undefined;
  }

  /** What comes after the event of this id; undefined where that is nothing. */
  after(id: number): LogBatch | undefined {
    if (id < this.firstId) return this;
    if (id > this.lastId) return undefined;
    let lastSeenId = this.firstId - 1;
    const index = this.events.findIndex((event) => {
      if (!isNotice(event)) lastSeenId += 1;
      return lastSeenId === id;
    });
    const rest = this.events.slice(index + 1);
    return rest.length === 0 ? undefined : new LogBatch(id + 1, rest);
  }
}

/** Several batches, one after the other, as one. */
export function joinBatches(batches: readonly LogBatch[]): LogBatch | undefined {
  const [first, second] = batches;
  const last = batches.at(-1);
  if (first === undefined || last === undefined || second === undefined) return first;
  const frames = batches.map((batch) => batch.frames).join("");
  return new LogBatch(first.firstId, { lastId: last.lastId, isLast: last.isLast, frames });
}
