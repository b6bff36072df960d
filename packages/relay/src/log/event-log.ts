import type { TerminalEvent, WrittenEvent } from "@gatestream/protocol";
import type { RelayError } from "../errors.ts";
import type { Observer } from "../observe/observer.ts";
import type { LogBatch } from "./log-batch.ts";

/** What a log keeps of a stream besides its events. */
export interface StreamFacts {
  /** The owner: only it may follow or cancel the stream. Empty where knowing the id is enough. */
  readonly subject: string;
  /** Who asked, also where the caller is anonymous: the log may bound what it keeps for each. */
  readonly caller?: string;
  /** The caller's own name for the conversation that the stream belongs to. */
  readonly conversationId?: string | undefined;
  /** When it was started, in milliseconds since 1970. */
  readonly startedAt?: number | undefined;
  /** Of the request that started it, for those who decide who may follow it. */
  readonly configurationId?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What the writer of a stream is notified of. */
export interface WriterListener {
  /** The log accepts events again after `append` returned false. */
  onRoom(): void;
  /** Another party closed the log: it was cancelled, or failed with `reason`. */
  onClosed(reason?: RelayError): void;
}

/** The one writer of a stream. Numbered events get the ids 1, 2, 3 … here. */
export interface LogWriter {
  /** Whether a reader could resume now: a log may lose that, and get it back. */
  readonly isResumable: boolean;
  /** Whether `append` also takes tokens as JSON. @defaultValue false: it gets events alone */
  readonly takesJson?: boolean;
  /**
   * Adds events in order, and pushes them to the readers that are level; a terminal event must be the
   * last and closes the log. False when the log is full: `onRoom` is called when it is not. What
   * comes after the end is dropped.
   *
   * @throws whatever keeps it from taking them; nothing of them is kept then.
   */
  append(events: readonly WrittenEvent[]): boolean;
  /** Keeps how another relay can continue the answer, should this one die. Called before the first event. */
  keepHandle?(handle: string): void;
  /**
   * Ends a stream whose id no client received with `terminal`, unless it has ended, and forgets it unless
   * it is followed.
   *
   * @defaultValue it ends, and is kept like any other
   */
  discard?(terminal: TerminalEvent): void;
}

/** Where a log pushes the events of a stream. */
export interface LogReader {
  /** Takes events that came together; false: nothing more until `resume`. */
  write(batch: LogBatch): boolean;
  /**
   * Called once, last: after the terminal event, or without one where the log was closed or could not
   * go on, because of `failure`.
   */
  end(failure?: unknown): void;
}

/** A reader of a stream that begins to read with the first `resume`. */
export interface Following {
  /** The reader accepts data: it gets the events that it missed, then new ones. */
  resume(): void;
  /** The reader has left: nothing is called any more. */
  close(): void;
}

/** A stream that another relay wrote until it died, and whose answer can be asked for again. */
export interface LostStream {
  readonly streamId: string;
  readonly facts: StreamFacts;
  /** What its writer gave to `keepHandle`. */
  readonly handle: string;
  /** The id of the last event that is kept. */
  readonly lastId: number;
  /** Makes this relay its writer, from after `lastId`; undefined where another one was faster. */
  take(listener: WriterListener): Promise<LogWriter | undefined>;
}

/** What is known of a stream that readers may resume. */
export interface LoggedStream extends Omit<StreamFacts, "caller"> {
  /** The id of its last event so far; 0 for none. */
  readonly lastId: number;
  /** Whether that event is its terminal. */
  readonly isClosed: boolean;
  /** Why it ended: the reason of its `stop`, or the code of its `error`. */
  readonly reason?: string | undefined;
  /**
   * Whether its writer did not end it: a reader may have had more of it than the log.
   * @defaultValue false
   */
  readonly isEndedElsewhere?: boolean;
}

/** A stream that was found by its conversation. */
export interface FoundStream extends LoggedStream {
  readonly streamId: string;
}

/** Keeps the events of streams between the gateway's side and the readers' side. */
export interface ResumableLog {
  /** Whether streams are kept so that readers can resume; false while its store is away. */
  readonly isReady: boolean;
  /** Whether other relays can follow the streams too. */
  readonly isShared: boolean;
  /** Opens the log of a new stream. */
  create(streamId: string, facts: StreamFacts, listener: WriterListener): Promise<LogWriter>;
  /**
   * Follows a stream after the event of the id `after`, 0 for none; undefined for an unknown stream.
   * Events that are no longer kept are replaced by a `gap` notice.
   */
  follow(streamId: string, after: number, reader: LogReader): Promise<Following | undefined>;
  /** @throws RelayError `overloaded` when its store is away. */
  find(streamId: string): Promise<LoggedStream | undefined>;
  /**
   * The streams of a conversation that are kept, of all its owners and in any order.
   *
   * @throws RelayError `overloaded` when its store is away.
   * @defaultValue requests for the streams of a conversation are refused
   */
  findByConversation?(conversationId: string): Promise<readonly FoundStream[]>;
  /**
   * Binds `key` to `streamId` for as long as such a stream is kept; where it is bound already, to
   * which stream.
   */
  claim(key: string, streamId: string): Promise<string>;
  /** Frees a key. */
  release(key: string): Promise<void>;
  /** Closes a stream with `stop` `cancelled`, whichever relay writes it. A closed one stays as it is. */
  cancel(streamId: string): Promise<void>;
  /**
   * Whether a stream of this relay is followed on another one, or was within the last `withinMs`
   * milliseconds: readers that poll come and go.
   */
  hasReadersElsewhere(streamId: string, withinMs?: number): Promise<boolean>;
  /**
   * Has `continueStream` continue what other relays have lost, instead of ending it with
   * `producer_lost`. It resolves to whether that is done.
   */
  onLost?(continueStream: (lost: LostStream) => Promise<boolean>): void;
  /** Reports to `observe` that its store is there or away: `redis_ready`, `redis_lost`. */
  reportTo?(observe: Observer): void;
  close(): Promise<void>;
}
