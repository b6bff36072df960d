import {
  isTerminal,
  type StreamEvent,
  type TerminalEvent,
  type WrittenEvent,
} from "@gatestream/protocol";
import {
  type EventLine,
  KeptStream,
  type LoggedStream,
  type LogWriter,
  type ReadPosition,
  reasonOf,
  type RelayError,
  type WriterListener,
} from "@gatestream/relay/parts";
import { cancelledEvent, type EndedBy, producerLost, terminalOf } from "./ending.ts";
import {
  entriesAfter,
  type EntryId,
  lastIdAt,
  type LogEntry,
  noEntry,
  type StoredEntry,
} from "./entry.ts";
import type { Append, LogState, WrittenFacts } from "./stream-store.ts";

export interface WrittenStreamOptions {
  readonly facts: WrittenFacts;
  readonly maxLogBytes: number;
  /** Called once where it is closed by another hand than its writer's. */
  readonly onClosed: WriterListener["onClosed"];
  /** Brings it to Redis. */
  readonly send: (facts: WrittenFacts, append: Append) => Promise<LogState>;
  /** Whether another relay may have ended it, without this one knowing so. */
  readonly mayBeEndedElsewhere: () => boolean;
  /** Called once: Redis has the end, or is not to get it. */
  readonly onOver: () => void;
}

const notResumable: StreamEvent = { type: "warning", code: "not_resumable" };

/**
 * A stream that this relay writes. Readers here follow `log`, which has every event at once; one call
 * at a time brings Redis what it has not got, so that what comes meanwhile leaves together.
 *
 * The end alone waits for Redis: others may end the stream too, and all readers must get the same.
 */
export class WrittenStream implements LogWriter {
  readonly log: KeptStream;
  facts: WrittenFacts;
  /** The callers' keys that stand for it, for when Redis is away. */
  readonly keys = new Set<string>();
  isResumable = false;
  readonly takesJson = true;
  /** When it ended, though Redis may not know; undefined before. In milliseconds. */
  endedAt: number | undefined;
  /** When Redis last answered for it, and renewed its time to live, in milliseconds. */
  renewedAt = -Infinity;
  readonly #options: WrittenStreamOptions;
  /** What Redis has. */
  #sent: EntryId = noEntry;
  /** What is being sent, until Redis has it. */
  #unsent: readonly LogEntry[] = [];
  #unread: ReadPosition;
  /** The end that readers here have not got yet. */
  #ending: TerminalEvent | undefined;
  /** Whether Redis is to be asked although there is nothing to send. */
  #isDue = false;
  #freesKeys = false;
  /** Whether Redis may not have the facts as they are now. */
  #hasNewFacts = false;
  #isOver = false;
  #working: Promise<void> | undefined;

  constructor(options: WrittenStreamOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.log = new KeptStream({ maxBytes: options.maxLogBytes });
    this.#unread = this.log.openAfter(0);
  }

  /** What is known of it here. */
  get logged(): LoggedStream {
    const { streamId: _, writerId: __, caller: ___, handle: ____, ...facts } = this.facts;
    const { lastId, isClosed, reason } = this.log;
    return { ...facts, lastId, isClosed, reason };
  }

  /** Takes what another relay has written of it. */
  adopt(entries: readonly StoredEntry[]): void {
    for (const { id, message } of entries) {
      const { first, events = "" } = message;
      this.log.appendFrom(Number(first), JSON.parse(events) as readonly StreamEvent[]);
      this.#sent = id as EntryId;
    }
    this.log.close(this.#unread);
    this.#unread = this.log.openAfter(this.log.lastId);
  }

  keepHandle(handle: string): void {
    this.facts = { ...this.facts, handle };
    this.#hasNewFacts = true;
    void this.synchronize();
  }

  /**
   * Nothing makes the writer wait.
   *
   * @throws what JSON.stringify throws, such as a RangeError for values nested too deeply.
   */
  append(events: readonly WrittenEvent[]): boolean {
    if (this.endedAt !== undefined || events.length === 0) return true;
    const end = events.findIndex(isTerminal);
    const last = events[end];
    // What cannot be written as JSON throws here, before anything waits for it to be sent.
    if (last !== undefined) JSON.stringify(last);
    this.log.append(end === -1 ? events : events.slice(0, end));
    if (last !== undefined && isTerminal(last)) {
      this.endedAt = performance.now();
      this.#ending = last;
    }
    void this.#work();
    return true;
  }

  /** Ends it on behalf of a caller here. */
  async cancel(): Promise<void> {
    if (this.endedAt === undefined) {
      this.append([cancelledEvent]);
      this.#options.onClosed();
    }
    await this.#work();
  }

  discard(terminal: TerminalEvent): void {
    const isFollowed = this.log.readers > 0;
    this.append([terminal]);
    if (isFollowed) return;
    // What cannot be sent now is never asked for: a Redis that is away forgets it in its time.
    void this.#work().then(() => {
      this.forget();
      const discard = { after: this.#sent, entries: [], isDiscarded: true };
      return this.#options.send(this.facts, discard).catch(() => {});
    });
  }

  /** Its keys are free, also where Redis is away and learns so later. */
  freeKeys(): void {
    this.keys.clear();
    this.#freesKeys = true;
    void this.synchronize();
  }

  /** Brings Redis all that it has not got, and keeps the stream from expiring there. */
  async synchronize(): Promise<void> {
    this.#isDue = true;
    await this.#work();
  }

  /**
   * Redis is away: readers could not resume now. The end is released, unless another relay may have
   * ended the stream in another way: then Redis is asked first.
   */
  lose(): void {
    if (this.isResumable) {
      this.isResumable = false;
      this.log.append([notResumable]);
    }
    if (!this.#options.mayBeEndedElsewhere()) this.#release();
  }

  /** Stops writing to Redis. */
  forget(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.endedAt ??= performance.now();
    this.log.close(this.#unread);
    this.#options.onOver();
  }

  /** Stops it where it is, for its writer and its readers here. */
  abandon(reason: RelayError): void {
    if (this.endedAt === undefined) this.#options.onClosed(reason);
    this.forget();
    this.log.endReaders();
  }

  #work(): Promise<void> {
    if (this.#working === undefined && this.#hasWork) this.#working = this.#bringToRedis();
    return this.#working ?? Promise.resolve();
  }

  get #hasWork(): boolean {
    if (this.#isOver) return false;
    const hasUnsent = this.#unsent.length > 0 || !this.log.isAtEnd(this.#unread);
    return this.#isDue || hasUnsent || this.#ending !== undefined;
  }

  async #bringToRedis(): Promise<void> {
    try {
      while (this.#hasWork) {
        this.#isDue = false;
        if (this.#unsent.length === 0) this.#unsent = this.#takeUnread();
        const append = {
          after: this.#sent,
          entries: this.#unsent,
          reason: this.#ending ? reasonOf(this.#ending) : this.log.reason,
          hasNewFacts: this.#hasNewFacts,
          freesKeys: this.#freesKeys,
        };
        this.#hasNewFacts = false;
        this.#heed(await this.#options.send(this.facts, append));
      }
    } catch {
      this.#hasNewFacts = true;
      // The connection reports why Redis is away.
      this.lose();
    } finally {
      this.#working = undefined;
    }
  }

  #heed({ last, closedBy }: LogState): void {
    if (this.#isOver) return;
    if (closedBy === "writer") {
      this.#release();
      this.forget();
      return;
    }
    if (closedBy === "taken") {
      // Its readers find it where it is continued.
      this.abandon(producerLost());
      return;
    }
    if (closedBy !== "") {
      this.#endBy(closedBy === "cancelled" ? closedBy : "lost");
      return;
    }
    this.isResumable = true;
    this.renewedAt = performance.now();
    if (last !== (this.#unsent.at(-1)?.id ?? this.#sent)) {
      // Redis has less than it had, because it lost data: it goes on from there.
      this.log.close(this.#unread);
      this.#unread = this.log.openAfter(lastIdAt(last));
    }
    this.#sent = last;
    this.#unsent = [];
  }

  /** Another relay has ended it. */
  #endBy(endedBy: EndedBy): void {
    const wasEnded = this.endedAt !== undefined;
    this.log.append([terminalOf(endedBy, this.facts.streamId)]);
    this.forget();
    if (!wasEnded) this.#options.onClosed(endedBy === "lost" ? producerLost() : undefined);
  }

  /** What Redis has not got, as entries; what is no use to others is passed over. */
  #takeUnread(): readonly LogEntry[] {
    const batch = this.log.read(this.#unread);
    let { firstId, isLast } = batch ?? { firstId: this.log.lastId + 1, isLast: false };
    let lines: readonly EventLine[] = batch?.lines ?? [];
    // A batch is not everything when much has piled up, or when it contains a gap.
    if (this.#ending !== undefined && this.log.isAtEnd(this.#unread)) {
      lines = [...lines, { notice: undefined, json: JSON.stringify(this.#ending) }];
      isLast = true;
    }
    return entriesAfter(this.#sent, { firstId, lines, isLast }, this.#options.maxLogBytes / 16);
  }

  /** Readers here get the end. */
  #release(): void {
    if (this.#ending === undefined) return;
    this.log.append([this.#ending]);
    this.#ending = undefined;
  }
}
