import type { IncomingMessage } from "node:http";

/** An authenticated or anonymous caller, and what it may do. */
export interface Caller {
  /** Who it is: streams, limits and turns in the queue are each subject's own. */
  readonly subject: string;
  /** Whether the caller is anonymous: the subject is then only its address. @defaultValue false */
  readonly isAnonymous?: boolean;
  /** The `configurationId`s that they may use. @defaultValue every one that the relay allows */
  readonly configurations?: readonly string[];
  /** When what they proved ends, in milliseconds since 1970; their streams end then. */
  readonly expiresAt?: number;
}

/**
 * Identifies the caller. Undefined refuses with `unauthorized`; so does a `RelayError` thrown, with its own
 * code. Any other failure is a fault of the relay: the request is refused.
 */
export type Authenticate = (
  request: IncomingMessage,
) => Caller | undefined | Promise<Caller | undefined>;
