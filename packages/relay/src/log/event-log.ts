import type { StreamEvent } from "@gatestream/protocol";

/** Events that were appended together and are best written together. */
export interface LogBatch {
  /** The id of the first numbered event in `events`; the others count on from it. */
  readonly firstId: number;
  readonly events: readonly StreamEvent[];
}

/** The one who writes a stream. Ids are given here: 1, 2, 3 … to numbered events. */
export interface LogWriter {
  /**
   * Adds events in order; a terminal event must be the last and closes the log. A promise means
   * that the log is full: wait for it before the next append.
   */
  append(events: readonly StreamEvent[]): Promise<void> | undefined;
}

export interface FollowOptions {
  /** The id of the last event that the reader has; 0 for none. */
  readonly after: number;
  readonly signal: AbortSignal;
}

/** Keeps the events of streams between the gateway's side and the readers' side. */
export interface EventLog {
  /** Whether readers may come back: otherwise a stream has one reader, once. */
  readonly resumable: boolean;
  /** Opens the log of a new stream. */
  create(streamId: string): Promise<LogWriter>;
  /**
   * What comes after the cursor, until the terminal event; undefined for an unknown stream.
   * Aborting the signal or leaving the loop ends it.
   */
  follow(streamId: string, options: FollowOptions): Promise<AsyncIterable<LogBatch> | undefined>;
}
