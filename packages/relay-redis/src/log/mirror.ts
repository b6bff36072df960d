import { isTerminal, type StreamEvent, type TerminalEvent } from "@gatestream/protocol";
import {
  type Following,
  KeptStream,
  LogBatch,
  type LogReader,
  toRelayError,
} from "@gatestream/relay/parts";
import type { RedisConnection } from "../connection/redis-connection.ts";
import { isUnheard, terminalOf } from "./ending.ts";
import { comesAfter, type EntryId, noEntry } from "./entry.ts";
import { entriesAtOnce, type StreamMeta, type StreamStore } from "./stream-store.ts";

export interface MirrorOptions {
  readonly store: StreamStore;
  /** Gets the notifications of new entries. */
  readonly subscriber: RedisConnection;
  readonly maxLogBytes: number;
  /** The relay that writes it is gone. */
  readonly onLost: (streamId: string, meta: StreamMeta) => Promise<void>;
}

/** A stream that another relay writes, kept here once for all its readers here. */
export class Mirror {
  readonly streamId: string;
  /** Resolves when it has what Redis has; to whether Redis knows the stream. */
  readonly opened: Promise<boolean>;
  /** Since when it has had no readers, in milliseconds; undefined while it has some, or is being opened. */
  idleSince: number | undefined;
  /** Gets no notifications any more. */
  unsubscribe: () => void = () => {};
  readonly #options: MirrorOptions;
  readonly #log: KeptStream;
  #relayId = "";
  #cursor: EntryId = noEntry;
  #terminal: TerminalEvent | undefined;
  #reading: Promise<void> | undefined;
  /** Whether there may be more in Redis than what has been read. */
  #isStale = false;
  #isCut = false;
  #failure: Error | undefined;

  constructor(streamId: string, options: MirrorOptions) {
    this.streamId = streamId;
    this.#options = options;
    // Redis counts the events alone: as Server-Sent Events they are less than twice as much.
    this.#log = new KeptStream({
      maxBytes: 2 * options.maxLogBytes,
      onReaders: (count) => {
        this.idleSince = count === 0 ? performance.now() : undefined;
        // Where that fails Redis is away, and its writer waits for readers all the same.
        if (count === 0 && !this.isClosed) options.store.noteLastRead(streamId).catch(() => {});
      },
    });
    this.opened = this.#open();
  }

  get isClosed(): boolean {
    return this.#log.isClosed;
  }

  async #open(): Promise<boolean> {
    const { store, subscriber } = this.#options;
    const meta = await store.readMeta(this.streamId);
    if (meta === undefined) return false;
    this.#relayId = meta.relayId;
    if (meta.closedBy === "" && !this.#isCut) {
      const channel = store.eventsChannel(this.streamId);
      const onEntries = (): void => void this.read().catch(() => {});
      const subscription = subscriber.subscribe(channel, onEntries);
      this.unsubscribe = subscription.end;
      // What is written between a reading and the subscription would be found late.
      await subscription.started;
    }
    await this.read();
    this.idleSince ??= performance.now();
    return true;
  }

  /** Reads what is new: one reading at a time; what is appended meanwhile is read by it too. */
  read(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readAll();
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#isStale && !this.isClosed && !this.#isCut) {
        this.#isStale = false;
        const entries = await this.#options.store.readAfter(this.streamId, this.#cursor);
        for (const { id, message } of entries) this.#take(id as EntryId, message);
        this.#isStale ||= entries.length === entriesAtOnce;
      }
    } catch (failure) {
      if (!(failure instanceof SyntaxError)) throw failure;
      // The entry is from another program.
      this.cut(toRelayError(failure));
    } finally {
      this.#reading = undefined;
    }
  }

  /** Adds an entry; it may be there already, where a log was written anew. */
  #take(id: EntryId, { first, events: json = "" }: Readonly<Record<string, string>>): void {
    const events = JSON.parse(json) as readonly StreamEvent[];
    if (comesAfter(this.#cursor, id)) this.#cursor = id;
    this.#terminal ??= events.find(isTerminal);
    this.#log.appendFrom(Number(first), events);
  }

  /**
   * Looks in Redis for what notifications have not told: new events, an end that cannot be read, a
   * stream that is not there any more, and with `isTrusted` a relay whose lease has lapsed.
   */
  async check(isTrusted: () => boolean): Promise<void> {
    const { store } = this.#options;
    if (this.isClosed || this.#relayId === "") return;
    const [meta, isWriterAlive] = await Promise.all([
      store.readMeta(this.streamId),
      store.hasLease(this.#relayId),
    ]);
    if (meta !== undefined && meta.relayId !== this.#relayId) {
      // It is continued by another one.
      this.#relayId = meta.relayId;
      return this.read();
    }
    const isMissing = meta === undefined || (meta.closedBy === "" && !isWriterAlive);
    if (meta !== undefined && comesAfter(this.#cursor, meta.last)) await this.read();
    else if (meta !== undefined && meta.closedBy !== "") {
      // A Redis that lost data ended before the cursor of this relay: nothing comes any more.
      this.#end(meta.closedBy === "cancelled" ? "cancelled" : "lost");
    }
    if (!isMissing || !isTrusted()) return;
    if (meta === undefined) this.#end("lost");
    else await this.#options.onLost(this.streamId, meta);
  }

  /** Ends the stream for its readers here, when Redis cannot deliver its end. */
  #end(endedBy: "cancelled" | "lost"): void {
    if (this.isClosed) return;
    this.#terminal = terminalOf(endedBy, this.streamId);
    this.#log.append([this.#terminal]);
  }

  /** Cuts the readers off, without an end of the stream: with `failure`, or in silence. */
  cut(failure?: Error): void {
    this.#isCut = true;
    this.#failure = failure;
    this.unsubscribe();
    this.#log.endReaders();
  }

  /** Follows it; readers that may have missed the end get it whatever their cursor. */
  follow(after: number, reader: LogReader): Following {
    let hasEnd = false;
    const following = this.#log.follow(after, {
      write(batch) {
        hasEnd ||= batch.isLast;
        return reader.write(batch);
      },
      end: (failure = this.#failure) => {
        const terminal = this.#terminal;
        const position = { cursor: after, lastId: this.#log.lastId };
        if (!hasEnd && failure === undefined && terminal && isUnheard(terminal, position)) {
          reader.write(new LogBatch(after + 1, [terminal]));
        }
        reader.end(failure);
      },
    });
    // A reader that was on the way when it was cut.
    if (this.#isCut) this.#log.endReaders();
    return following;
  }
}
