import { isNotice, type StreamEvent } from "@gatestream/protocol";

/** The events of one append. */
export interface KeptBatch {
  /** The id of the first numbered event; the one to come where there is none. */
  readonly firstId: number;
  /** The id of the last numbered event; the one before `firstId` where there is none. */
  readonly lastId: number;
  readonly events: readonly StreamEvent[];
  /** As JSON. */
  readonly bytes: number;
  /** What it holds in memory. */
  readonly heapBytes: number;
}

/** What comes in a batch after the event of this id. */
export function eventsAfter(
  { firstId, lastId, events }: Omit<KeptBatch, "bytes" | "heapBytes">,
  id: number,
): readonly StreamEvent[] {
  if (id < firstId) return events;
  if (id > lastId) return [];
  let lastSeenId = firstId - 1;
  const place = events.findIndex((event) => {
    if (!isNotice(event)) lastSeenId += 1;
    return lastSeenId === id;
  });
  return events.slice(place + 1);
}

/**
 * The newest batches of a stream, each in its place: 0, 1, 2 … When they are more than `maxBytes`
 * the oldest go, but the newest stays however big it is.
 */
export class KeptBatches {
  readonly #maxBytes: number;
  // A map forgets its oldest entry in constant time; a long array moves all the others.
  readonly #batches = new Map<number, KeptBatch>();
  #bytes = 0;
  #heapBytes = 0;
  #first = 0;
  #end = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The size of all that is kept, as JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What all that is kept holds in memory. */
  get heapBytes(): number {
    return this.#heapBytes;
  }

  /** The place of the oldest batch that is kept. */
  get first(): number {
    return this.#first;
  }

  /** The place of the batch to come. */
  get end(): number {
    return this.#end;
  }

  /** The batch in a place; undefined where it is no longer, or not yet, kept. */
  at(place: number): KeptBatch | undefined {
    return this.#batches.get(place);
  }

  push(batch: KeptBatch): void {
    this.#batches.set(this.#end, batch);
    this.#end += 1;
    this.#bytes += batch.bytes;
    this.#heapBytes += batch.heapBytes;
    while (this.#bytes > this.#maxBytes && this.#first < this.#end - 1) {
      this.#forget(this.#first);
      this.#first += 1;
    }
  }

  /** Forgets the newest. */
  pop(): void {
    if (this.#end === this.#first) return;
    this.#end -= 1;
    this.#forget(this.#end);
  }

  /** The place of the first batch in which something may come after the event of this id. */
  placeAfter(id: number): number {
    let from = this.#first;
    let to = this.#end;
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if ((this.at(middle)?.lastId ?? 0) < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #forget(place: number): void {
    const { bytes = 0, heapBytes = 0 } = this.at(place) ?? {};
    this.#bytes -= bytes;
    this.#heapBytes -= heapBytes;
    this.#batches.delete(place);
  }
}
