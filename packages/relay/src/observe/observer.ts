import type { RelayError } from "../errors.ts";

/** A request took its place; the gateway has not been asked yet. */
export interface StreamStarted {
  readonly type: "stream_started";
  readonly streamId: string;
  readonly requestId: string;
  readonly configurationId: string;
}

/** One try at the gateway before the first byte failed. */
export interface AttemptFailed {
  readonly type: "attempt_failed";
  readonly streamId: string;
  /** 1 is the first. */
  readonly attempt: number;
  readonly error: RelayError;
  /** How long until the next try, in milliseconds; absent when this was the last. */
  readonly waitMs?: number;
}

/** The gateway accepted the request. */
export interface UpstreamAnswered {
  readonly type: "upstream_answered";
  readonly streamId: string;
  readonly attempts: number;
  /** The gateway's `ININ-Correlation-Id`, or what another provider uses. */
  readonly correlationId?: string;
}

/** A stream's life in one record, told once, last. */
export interface StreamEnded {
  readonly type: "stream_ended";
  readonly streamId: string;
  readonly requestId: string;
  /** The stop event's reason, or `error`. */
  readonly ending: string;
  /** Present when `ending` is `error`. */
  readonly error?: RelayError;
  /** Whether the reader left before the terminal event. */
  readonly readerLeft: boolean;
  readonly tokens: number;
  /** Tries until the gateway accepted; absent when it did not. */
  readonly attempts?: number;
  /** What the gateway's operators find the request by. */
  readonly correlationId?: string;
  readonly durationMs: number;
  /** From the request to the first token; absent when none came. */
  readonly firstTokenMs?: number;
}

/** A request was refused before it became a stream. */
export interface RequestRefused {
  readonly type: "request_refused";
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly error: RelayError;
}

export type ObserverEvent =
  | StreamStarted
  | AttemptFailed
  | UpstreamAnswered
  | StreamEnded
  | RequestRefused;

/**
 * Hears what happens. The relay puts no prompt, answer, token or secret into an event; the `cause`
 * of an error may hold what the gateway said.
 */
export type Observer = (event: ObserverEvent) => void;
