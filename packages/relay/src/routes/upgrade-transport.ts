import type { Caller } from "../admission/caller.ts";
import type { IncomingTrace } from "../observe/remote-trace.ts";
import type { UpgradeRequest } from "../transport/refuse-upgrade.ts";
import type { RequestParts } from "./answer-request.ts";

/** Another way than HTTP to start, follow and cancel streams, such as `webSocket()`. */
export interface UpgradeTransport {
  /** Where clients ask for it, below the base path: `/socket`. */
  readonly path: string;
  /** Called once by each relay. */
  open(relay: TransportContext): OpenTransport;
}

/**
 * What a transport needs of the relay: it is handed on to `start`, `follow` and `cancel`, and to
 * `readAnswerRequest`.
 */
export interface TransportContext extends RequestParts {
  /** Where the relay's routes live. */
  readonly basePath: string;
  /** The largest request of a client. */
  readonly maxBodyBytes: number;
  /** What may wait for one connection. */
  readonly maxBufferedBytes: number;
  /** How long a client may leave that waiting. */
  readonly slowConsumerTimeoutMs: number;
  /** Whether streams end when what their caller proved does. */
  readonly endOnTokenExpiry: boolean;
}

/** An upgrade request whose host and origin may ask. */
export interface TransportUpgrade extends UpgradeRequest {
  readonly requestId: string;
  /** The path that was asked for, as it may be logged. */
  readonly path: string;
  readonly incomingTrace: IncomingTrace;
  /**
   * Who asks.
   *
   * @throws RelayError why they may not.
   */
  admit(): Promise<Caller>;
}

/** The connections that a transport has opened in one relay. */
export interface OpenTransport {
  /**
   * Takes over the connection; the socket may be gone at any moment. What it throws is answered over
   * HTTP, so it throws only while nothing has been written.
   */
  upgrade(upgrade: TransportUpgrade): Promise<void>;
  /** Asks clients to close their connections; the relay destroys those that stay open. */
  close(): Promise<void>;
}
