import { isTerminal, type StreamEvent, type TerminalEvent } from "@gatestream/protocol";
import {
  type EventLine,
  KeptStream,
  type LogWriter,
  type ReadPosition,
  type RelayError,
  type WriterListener,
} from "@gatestream/relay/parts";
import { cancelledEvent, producerLost, terminalOf } from "./ending.ts";
import { entriesAfter, type EntryId, lastIdAt, type LogEntry, noEntry } from "./entry.ts";
import type { LogState } from "./stream-store.ts";

export interface WrittenStreamOptions {
  readonly streamId: string;
  readonly subject: string;
  readonly maxLogBytes: number;
  /** Called once where it is closed by another hand than its writer's. */
  readonly onClosed: WriterListener["onClosed"];
  /** Sends entries that come after the entry `after`; without entries it asks where the log stands. */
  readonly send: (after: EntryId, entries: readonly LogEntry[]) => Promise<LogState>;
  /** Forgets it in Redis, unless it is followed elsewhere. */
  readonly discard: () => Promise<void>;
  /** Whether another relay may have ended it, without this one knowing so. */
  readonly mayBeEndedElsewhere: () => boolean;
  /** Called once: the writer or a canceller here has ended it. */
  readonly onEnded: () => void;
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
  readonly subject: string;
  readonly #options: WrittenStreamOptions;
  #isOver = false;
  /** What Redis has. */
  #sent: EntryId = noEntry;
  /** What is being sent, until Redis has it. */
  #unsent: readonly LogEntry[] = [];
  #unread: ReadPosition;
  #hasUnread = false;
  /** The end that readers here have not got yet. */
  #ending: TerminalEvent | undefined;
  #isEnded = false;
  /** Whether Redis has to be asked where it stands. */
  #isUnsure = false;
  #isResumable = false;
  #isTaken = false;
  #working: Promise<void> | undefined;

  constructor(options: WrittenStreamOptions) {
    this.#options = options;
    this.subject = options.subject;
    this.log = new KeptStream({ maxBytes: options.maxLogBytes });
    this.#unread = this.log.openAfter(0);
  }

  get isResumable(): boolean {
    return this.#isResumable;
  }

  /** Whether another writer had the stream's id before. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /**
   * Nothing makes the writer wait.
   *
   * @throws what JSON.stringify throws, such as a RangeError for values nested too deeply.
   */
  append(events: readonly StreamEvent[]): boolean {
    if (this.#isEnded || events.length === 0) return true;
    const end = events.findIndex(isTerminal);
    const last = events[end];
    // What cannot be written as JSON throws here, before anything waits for it to be sent.
    if (last !== undefined) JSON.stringify(last);
    const before = end === -1 ? events : events.slice(0, end);
    if (before.length > 0) {
      this.log.append(before);
      this.#hasUnread = true;
    }
    if (last !== undefined && isTerminal(last)) {
      this.#isEnded = true;
      this.#ending = last;
      this.#options.onEnded();
    }
    void this.#work();
    return true;
  }

  /** Ends it on behalf of a caller here. */
  async cancel(): Promise<void> {
    if (!this.#isEnded) {
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
      return this.#options.discard().catch(() => {});
    });
  }

  /** Brings Redis all that it has not got, and keeps the stream from expiring there. */
  async synchronize(): Promise<void> {
    this.#isUnsure = true;
    await this.#work();
  }

  /**
   * Redis is away: readers could not resume now. The end is released, unless another relay may have
   * ended the stream in another way: then Redis is asked first.
   */
  lose(): void {
    if (this.#isResumable) {
      this.#isResumable = false;
      if (!this.log.isClosed) this.log.append([notResumable]);
    }
    if (!this.#options.mayBeEndedElsewhere()) this.#release();
  }

  /** Another relay has ended it. */
  endBy(closedBy: LogState["closedBy"]): void {
    if (this.#isOver) return;
    const isCancelled = closedBy === "cancelled";
    const wasEnded = this.#isEnded;
    this.#isEnded = true;
    const terminal = terminalOf(isCancelled ? "cancelled" : "lost", this.#options.streamId);
    this.log.append([terminal]);
    this.#finish();
    if (!wasEnded) this.#options.onClosed(isCancelled ? undefined : producerLost());
  }

  /** Stops writing to Redis. */
  forget(): void {
    this.#isEnded = true;
    this.#finish();
  }

  /** Stops it where it is, for its writer and its readers here. */
  abandon(reason: RelayError): void {
    if (!this.#isEnded) this.#options.onClosed(reason);
    this.forget();
    this.log.endReaders();
  }

  #work(): Promise<void> {
    if (this.#working === undefined && this.#hasWork) this.#working = this.#bringToRedis();
    return this.#working ?? Promise.resolve();
  }

  get #hasWork(): boolean {
    if (this.#isOver) return false;
    const hasUnsent = this.#unsent.length > 0 || this.#hasUnread || this.#ending !== undefined;
    return this.#isUnsure || hasUnsent;
  }

  async #bringToRedis(): Promise<void> {
    try {
      while (this.#hasWork) {
        if (this.#isUnsure) {
          this.#isUnsure = false;
          this.#heed(await this.#options.send(this.#sent, []));
          continue;
        }
        if (this.#unsent.length === 0) this.#unsent = this.#takeUnread();
        if (this.#unsent.length === 0) continue;
        this.#heed(await this.#options.send(this.#sent, this.#unsent));
      }
    } catch {
      // It is unknown what Redis has got: the next try asks first. The connection reports why it is
      // away.
      this.#isUnsure = true;
      this.lose();
    } finally {
      this.#working = undefined;
    }
  }

  #heed({ last, closedBy }: LogState): void {
    if (this.#isOver) return;
    if (closedBy === "writer") {
      this.#release();
      this.#finish();
    } else if (closedBy !== "") {
      this.#isTaken = closedBy === "taken";
      this.endBy(closedBy);
    } else {
      this.#isResumable = true;
      if (last === this.#unsent.at(-1)?.id) {
        this.#sent = last;
        this.#unsent = [];
      } else if (last !== this.#sent) {
        this.#goOnAfter(last);
      }
    }
  }

  /** Redis has less than it had, because it lost data, or more than is known here. */
  #goOnAfter(last: EntryId): void {
    this.log.close(this.#unread);
    this.#sent = last;
    this.#unsent = [];
    this.#unread = this.log.openAfter(lastIdAt(last));
    this.#hasUnread = this.log.lastId > lastIdAt(last);
  }

  /** What Redis has not got, as entries; what is no use to others is passed over. */
  #takeUnread(): readonly LogEntry[] {
    let firstId = this.log.lastId + 1;
    let lines: readonly EventLine[] = [];
    let isLast = false;
    if (this.#hasUnread) {
      const batch = this.log.read(this.#unread);
      // A batch is not everything when much has piled up, or when it contains a gap.
      this.#hasUnread = !this.log.isAtEnd(this.#unread);
      if (batch === undefined) return [];
      ({ firstId, lines, isLast } = batch);
    }
    if (!this.#hasUnread && this.#ending !== undefined) {
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
    this.#hasUnread = true;
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.log.close(this.#unread);
    this.#options.onOver();
  }
}
