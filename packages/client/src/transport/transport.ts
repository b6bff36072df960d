import type { KnownEvent, StreamRequest } from "@gatestream/protocol";

/** A stream that is yet to begin. */
export interface StartTarget {
  readonly request: StreamRequest;
  /** The same for every try, so that the relay starts one stream only. */
  readonly idempotencyKey?: string | undefined;
}

/** A stream that has begun. */
export interface FollowTarget {
  readonly streamId: string;
  /** The id of the last event that has come; 0 for none. */
  readonly after: number;
}

/** The callbacks of a connection. */
export interface Connection {
  /** Gives the connection up, in every phase. */
  readonly signal: AbortSignal;
  /**
   * Asked before a start is sent, once what it needs has been made: whether the stream was cancelled
   * meanwhile. Then nothing is sent. A start that was sent goes on until its first event, since the
   * relay tells with it what there is to cancel.
   */
  readonly isUnwanted: () => boolean;
  /**
   * The relay has accepted, or something has come: an event, a part of one, a heartbeat. What the
   * relay's operator finds the request by may be told once it is known.
   */
  readonly onLife: (requestId?: string) => void;
  /**
   * Gets each event in order, with its id where it has one, and answers whether to stop reading.
   * Types that only a gateway knows come too.
   */
  readonly onEvent: (event: KnownEvent, id: number | undefined) => boolean;
}

/** How streams reach the client: over fetch, or whatever else carries the same events. */
export interface Transport {
  /**
   * Opens a connection and reads it; resolves when `onEvent` wants no more.
   *
   * @throws StreamError for every other end, and nothing else: `network` there was no answer,
   *   `truncated` it broke off (with status 204: the relay says that nothing is left), `protocol` it
   *   is not a relay's, or what the relay refused with.
   */
  open(target: StartTarget | FollowTarget, connection: Connection): Promise<void>;
  /** Asks the relay to end a stream. Rejects when it could not be asked. */
  cancel(streamId: string): Promise<unknown>;
}
