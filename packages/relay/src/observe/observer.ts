import type { Usage } from "@gatestream/protocol";
import type { RelayError } from "../errors.ts";

/** How a request for a stream came, and its answer goes. */
export type Transport = "http" | "websocket";

/** Whose stream it is, and what for. */
export interface StreamIds {
  /**
   * The stream's id. In all events an anonymous caller's stream is called by the beginning of its
   * id's SHA-256 instead: knowing such an id is enough to read and cancel the stream.
   */
  readonly streamId: string;
  readonly requestId: string;
  /** Who asked. */
  readonly subject: string;
  /** `[redacted]` when it is not the kind of name that upstreams use. */
  readonly configurationId: string;
  readonly transport: Transport;
}

/** A request took its place; the gateway has not been asked yet. */
export interface StreamStarted extends StreamIds {
  readonly type: "stream_started";
}

/**
 * What a stream waits for: its turn, an access token, the gateway's acceptance, the first token, the
 * rest of the answer.
 */
export type StreamPhase = "queue" | "access_token" | "handshake" | "first_token" | "answer";

/** A stream began to wait for something before the gateway accepted it. */
export interface PhaseBegun {
  readonly type: "phase_begun";
  readonly streamId: string;
  readonly phase: "queue" | "access_token" | "handshake";
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

/** A stream's life in one record, reported once, last. */
export interface StreamEnded extends StreamIds {
  readonly type: "stream_ended";
  /** The stop event's reason, or `error`. */
  readonly ending: string;
  /** Present when `ending` is `error`. */
  readonly error?: RelayError;
  /** Whether the reader left before the terminal event. */
  readonly readerLeft: boolean;
  /** Where the stream was when it ended. */
  readonly phase: StreamPhase;
  readonly tokens: number;
  /**
   * What the answer cost: what the gateway told, without `raw`, else the relay's estimate. Absent when
   * the gateway did not accept.
   */
  readonly usage?: Omit<Usage, "raw">;
  /** Lines of the gateway that were skipped. */
  readonly warnings: number;
  /** Tries until the gateway accepted; absent when it did not. */
  readonly attempts?: number;
  /** What the gateway's operators find the request by. */
  readonly correlationId?: string;
  /** In the queue, in milliseconds. */
  readonly queueMs: number;
  /** Waiting for an access token, in milliseconds. */
  readonly accessTokenMs: number;
  /** Until the gateway accepted, tries that failed included, in milliseconds. */
  readonly handshakeMs: number;
  /** From the request to the first token; absent when none came. */
  readonly firstTokenMs?: number;
  /** From the request to the end. */
  readonly durationMs: number;
}

/** A request was refused before it became a stream. */
export interface RequestRefused {
  readonly type: "request_refused";
  readonly requestId: string;
  readonly method: string;
  /** With the hash of what may be the id of a stream. */
  readonly path: string;
  readonly error: RelayError;
}

/** A reader came back to a detached stream, or came to it first. */
export interface ReaderResumed {
  readonly type: "reader_resumed";
  readonly streamId: string;
  readonly requestId: string;
  /** The id of the last event that it had; 0 for none. */
  readonly after: number;
}

/** A reader of a detached stream did not catch up in time. It may reconnect. */
export interface ReaderDropped {
  readonly type: "reader_dropped";
  readonly streamId: string;
  readonly requestId: string;
}

/** This relay continues a stream whose relay was killed. A new `stream_started` follows, of the same `streamId`. */
export interface StreamContinued {
  readonly type: "stream_continued";
  readonly streamId: string;
  readonly requestId: string;
}

/** Redis is unreachable, or refuses commands; reported once. */
export interface RedisLost {
  readonly type: "redis_lost";
  readonly failure: Error;
}

/** Redis can be reached, for the first time or again. */
export interface RedisReady {
  readonly type: "redis_ready";
}

/** The operator's record cannot be written; reported once until it can. */
export interface AuditFailed {
  readonly type: "audit_failed";
  readonly failure: Error;
}

/** The operator's record is written again. */
export interface AuditReady {
  readonly type: "audit_ready";
}

/** Records of streams were lost: too many waited, or the relay stopped while they could not be written. */
export interface AuditDropped {
  readonly type: "audit_dropped";
  readonly records: number;
}

/** A connection was closed as soon as it came: `maxConnections` were open. */
export interface ConnectionDropped {
  readonly type: "connection_dropped";
}

/** A page opened a WebSocket. Its streams have `requestId` with a number behind it. */
export interface SocketOpened {
  readonly type: "socket_opened";
  readonly requestId: string;
}

/** A WebSocket is closed. */
export interface SocketClosed {
  readonly type: "socket_closed";
  readonly requestId: string;
  /** Of RFC 6455 or the protocol's own; 1006 without a close code. */
  readonly code: number;
  readonly durationMs: number;
}

export type ObserverEvent =
  | StreamStarted
  | PhaseBegun
  | AttemptFailed
  | UpstreamAnswered
  | StreamEnded
  | RequestRefused
  | ReaderResumed
  | ReaderDropped
  | StreamContinued
  | RedisLost
  | RedisReady
  | AuditFailed
  | AuditReady
  | AuditDropped
  | ConnectionDropped
  | SocketOpened
  | SocketClosed;

/**
 * Receives the relay's events. The relay puts no prompt, answer, token or secret into an event; the `cause`
 * of an error may contain the gateway's response.
 */
export type Observer = (event: ObserverEvent) => void;

/** All of them as one; one that fails, at once or later, disturbs neither the others nor a stream. */
export function combineObservers(...observers: readonly Observer[]): Observer {
  return (event) => {
    for (const observer of observers) {
      try {
        const outcome: unknown = observer(event);
        if (outcome instanceof Promise) outcome.catch(warn);
      } catch (failure) {
        warn(failure);
      }
    }
  };
}

function warn(failure: unknown): void {
  // What else is thrown may have no text, and throw when it is asked for it.
  const text = failure instanceof Error ? failure.message : "it threw what is no error";
  process.emitWarning(`The relay's observer failed: ${text}`, "GatestreamWarning");
}

/** Counts what a relay does, for those who operate it. */
export interface RelayMetrics {
  /** Counts the relay's events. */
  readonly observe: Observer;
  /**
   * All that was counted, in Prometheus' text format 0.0.4; undefined when nothing is. The delay of
   * the event loop is measured since the last call.
   */
  text(): Promise<string | undefined>;
  /** Stops to watch the event loop; what was counted can still be read. */
  close(): void | Promise<void>;
}
