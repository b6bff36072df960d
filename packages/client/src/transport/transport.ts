import type { KnownEvent, StreamRequest } from "@gatestream/protocol";

/** A stream that is yet to begin. */
export interface StartTarget {
  readonly request: StreamRequest;
  /**
   * The same for every try, so that the relay starts one stream only. Relays take it for detached streams
   * alone.
   */
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
  /** Closes the connection, in every phase. */
  readonly signal: AbortSignal;
  /**
   * Called before a start is sent, once its headers or its socket are ready: whether the stream was
   * cancelled meanwhile. Then nothing is sent. A start that was sent continues until its first event,
   * which has the id to cancel.
   */
  readonly isUnwanted: () => boolean;
  /**
   * The relay has accepted, or something has come: an event, a part of one, a heartbeat. The request id is
   * passed once it is known.
   */
  readonly onActivity: (requestId?: string) => void;
  /**
   * Gets each event in order, with its id where it has one, and returns whether to stop reading.
   * Types that only your gateway sends come too.
   */
  readonly onEvent: (event: KnownEvent, id: number | undefined) => boolean;
}

/** A request besides those that carry streams. */
export interface RelayRequest {
  /** @defaultValue `POST` with `json`, else `GET` */
  readonly method?: string | undefined;
  /** In addition to the client's own; empty ones are left out. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** The body. */
  readonly json?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly isUnwanted?: Connection["isUnwanted"] | undefined;
}

/** How streams reach the client: over fetch, or whatever else carries the same events. */
export interface Transport {
  /** How it carries streams: `fetch`, `websocket`, `poll`, or your own word. */
  readonly name?: string | undefined;
  /**
   * Opens a connection and reads it; resolves when `onEvent` returns true.
   *
   * @throws StreamError for every other end, and nothing else: `network` when no answer came,
   *   `truncated` when it broke off (with status 204: the relay says that the stream is over),
   *   `protocol` when it is not a relay's, or the code of the relay's refusal.
   */
  open(target: StartTarget | FollowTarget, connection: Connection): Promise<void>;
  /** Asks the relay to end a stream. Rejects when the relay was not reached. */
  cancel(streamId: string): Promise<unknown>;
  /**
   * Sends a request to a path below the relay's base path, and resolves with its response, which is JSON.
   * Conversations are found with it.
   *
   * @throws StreamError as `open` does.
   */
  request?(path: string, options: RelayRequest): Promise<Response>;
}

/** A transport that also sends other requests. */
export type RequestingTransport = Transport & Required<Pick<Transport, "request">>;
