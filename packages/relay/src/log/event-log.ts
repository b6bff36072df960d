import type { StreamEvent, TerminalEvent } from "@gatestream/protocol";

/** Events that were appended together and are best written together. */
export interface LogBatch {
  /** The id of the first numbered event in `events`; the others count on from it. */
  readonly firstId: number;
  readonly events: readonly StreamEvent[];
}

/** What a log keeps of a stream besides its events. */
export interface StreamFacts {
  /** Who started it: nobody else may follow or cancel it. Empty where its id is all that is asked for. */
  readonly subject: string;
  /** Who asked, also where the caller is anonymous: the log may bound what it keeps for each. */
  readonly caller?: string;
}

/** The one who writes a stream. Ids are given here: 1, 2, 3 … to numbered events. */
export interface LogWriter {
  /** Whether a reader could come back now: a log may lose that, and get it back. */
  readonly isResumable: boolean;
  /** Aborted when somebody else has closed the log; the reason is the `RelayError`, if it failed. */
  readonly closed: AbortSignal;
  /**
   * Adds events in order; a terminal event must be the last and closes the log. A promise means
   * that the log is full: wait for it before the next append. What comes after the end is dropped.
   */
  append(events: readonly StreamEvent[]): Promise<void> | undefined;
  /**
   * Ends a stream whose id nobody was told with `terminal`, unless it has ended, and forgets it unless
   * somebody follows it.
   *
   * @defaultValue it ends, and is kept like any other
   */
  discard?(terminal: TerminalEvent): void;
}

export interface FollowOptions {
  /** The id of the last event that the reader has; 0 for none. */
  readonly after: number;
  readonly signal: AbortSignal;
}

/** Keeps the events of streams between the gateway's side and the readers' side. */
export interface EventLog {
  /** Opens the log of a new stream. */
  create(streamId: string, facts: StreamFacts): Promise<LogWriter>;
  /**
   * What comes after the cursor, until the terminal event; undefined for an unknown stream. Events
   * that are no longer kept are told by a `gap` notice in their place. Aborting the signal or
   * leaving the loop ends it.
   */
  follow(streamId: string, options: FollowOptions): Promise<AsyncIterable<LogBatch> | undefined>;
}

/** What is known of a stream that readers may come back to. */
export interface LoggedStream extends Pick<StreamFacts, "subject"> {
  /** The id of its last event so far; 0 for none. */
  readonly lastId: number;
  /** Whether that event is its terminal. */
  readonly isClosed: boolean;
  /**
   * Whether its writer did not end it: a reader may have had more of it than the log.
   * @defaultValue false
   */
  readonly isEndedElsewhere?: boolean;
}

/** A log that readers may come back to, until some time after the terminal event. */
export interface ResumableLog extends EventLog {
  /** Whether streams are kept so that readers can come back; false while its store is away. */
  readonly isReady: boolean;
  /** Whether other relays can follow the streams too. */
  readonly isShared: boolean;
  /** @throws RelayError `overloaded` when its store is away. */
  find(streamId: string): Promise<LoggedStream | undefined>;
  /**
   * Binds `key` to `streamId` for as long as such a stream is kept; where it is bound already, to
   * which stream.
   */
  claim(key: string, streamId: string): Promise<string>;
  /** Frees a key. */
  release(key: string): Promise<void>;
  /** Closes a stream with `stop` `cancelled`, whichever relay writes it. A closed one stays as it is. */
  cancel(streamId: string): Promise<void>;
  /** Whether somebody follows a stream of this relay on another one. */
  hasReadersElsewhere(streamId: string): Promise<boolean>;
  close(): Promise<void>;
}
