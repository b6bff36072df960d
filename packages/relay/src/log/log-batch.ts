import {
  isNotice,
  isTerminal,
  readEvent,
  type StreamEvent,
  type TokenJson,
  type WrittenEvent,
} from "@gatestream/protocol";
import { encodeSse } from "../http/sse.ts";

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

/** What V8 holds for a batch besides its text, measured. */
const objectBytes = 176;
const latin1 = /^[\0-\xff]*$/;

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
  /** Whether it holds nothing but positions in the queue, of which only the latest matters. */
  readonly isPosition: boolean;
  #events: readonly WrittenEvent[] | undefined;
  #frames: string | undefined;
  #bytes: number | undefined;
  #heapBytes: number | undefined;
  #chunk: string | undefined;

  /** @param events At least one; a terminal event must be the last. */
  constructor(firstId: number, events: readonly WrittenEvent[] | KeptText) {
    this.firstId = firstId;
    if ("frames" in events) {
      this.lastId = events.lastId;
      this.isLast = events.isLast;
      this.isPosition = false;
      this.#frames = events.frames;
      return;
    }
    let count = 0;
    for (const event of events) if (!isNotice(event)) count += 1;
    const last = events.at(-1);
    this.lastId = firstId + count - 1;
    this.isLast = last !== undefined && isTerminal(last);
    this.isPosition = count === 0 && events.every(isQueued);
    this.#events = events;
  }

  get events(): readonly StreamEvent[] {
    const events = this.#events ?? this.lines.map(({ json }) => json as TokenJson);
    return events.map(readEvent);
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

  /** Of its frames in UTF-8. */
  get bytes(): number {
    return (this.#bytes ??= Buffer.byteLength(this.frames));
  }

  /** Whether a byte is a character. */
  get isAscii(): boolean {
    return this.bytes === this.frames.length;
  }

  /** What it holds in memory. */
  get heapBytes(): number {
    if (this.#heapBytes === undefined) {
      const charBytes = this.isAscii || latin1.test(this.frames) ? 1 : 2;
      this.#heapBytes = objectBytes + charBytes * this.frames.length;
    }
    return this.#heapBytes;
  }

  /** As one chunk of HTTP/1.1 (RFC 9112, section 7.1) that holds Server-Sent Events. */
  get chunk(): string {
    const chunk = this.#chunk ?? `${this.bytes.toString(16)}\r\n${this.frames}\r\n`;
    // Of a batch that is kept, readers who catch up would leave a second copy behind.
    if (this.#events !== undefined) this.#chunk = chunk;
    return chunk;
  }

  /** Keeps nothing but one text. */
  compact(): void {
    // A text that was put together from pieces holds them until it is read as a whole: here.
    this.#bytes = Buffer.byteLength(this.frames);
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

function isQueued(event: WrittenEvent): boolean {
  return typeof event !== "string" && event.type === "queued";
}

/** Several batches, one after the other, as one. */
export function joinBatches(batches: readonly LogBatch[]): LogBatch | undefined {
  const [first, second] = batches;
  const last = batches.at(-1);
  if (first === undefined || last === undefined || second === undefined) return first;
  const frames = batches.map((batch) => batch.frames).join("");
  return new LogBatch(first.firstId, { lastId: last.lastId, isLast: last.isLast, frames });
}
