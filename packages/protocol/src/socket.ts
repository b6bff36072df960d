import type { ErrorReply } from "./errors.ts";
import type { StreamEvent } from "./events.ts";
import type { StreamRequest } from "./request.ts";

/** Asks for a new stream, as `POST {base}/stream` does. */
export interface StartFrame {
  readonly op: "start";
  /** What the answers to this frame are called: 1 to 64 characters, used once on a socket. */
  readonly ref: string;
  readonly body: StreamRequest;
  /** The POST's `Idempotency-Key`. */
  readonly idempotencyKey?: string;
}

/** Asks for a detached stream again, as `GET {base}/stream/{id}` does. */
export interface FollowFrame {
  readonly op: "follow";
  readonly ref: string;
  readonly streamId: string;
  /** The id of the last event that the reader has. @defaultValue 0 */
  readonly after?: number;
}

/**
 * Cancels the stream that `ref` reads, which then gets `stop` `cancelled`; or the one with this
 * `streamId`, as `DELETE {base}/stream/{id}` does: then `ref` is new, and gets `done`.
 */
export interface CancelFrame {
  readonly op: "cancel";
  readonly ref: string;
  readonly streamId?: string;
}

/** The page stops reading `ref`: what closing a connection is over HTTP. */
export interface LeaveFrame {
  readonly op: "leave";
  readonly ref: string;
}

/** What a page sends. */
export type ClientFrame = StartFrame | FollowFrame | CancelFrame | LeaveFrame;

/** One event of a stream, with whose it is. */
export type EventFrame = StreamEvent & {
  readonly ref: string;
  readonly streamId: string;
  /** On content and terminal events only. */
  readonly id?: number;
  /** On `start` only. */
  readonly requestId?: string;
};

/** No stream came of a frame. Unlike a stream's own `error` it has a status. */
export type RefusalFrame = ErrorReply["error"] & {
  readonly type: "error";
  /** What the same request would have been answered over HTTP. */
  readonly status: number;
  /** Absent where the frame had none that it could have used, or where the socket is meant. */
  readonly ref?: string;
};

/** It was done, or there is nothing more: what 204 is over HTTP. */
export interface DoneFrame {
  readonly type: "done";
  readonly ref: string;
}

/** The stream was cut off before its terminal event. */
export interface CutFrame {
  readonly type: "cut";
  readonly ref: string;
}

/** A sign of life of the socket. */
export interface HeartbeatFrame {
  readonly type: "heartbeat";
}

/** What the relay sends; events of one stream that came together are an array. */
export type ServerFrame =
  | EventFrame
  | readonly EventFrame[]
  | RefusalFrame
  | DoneFrame
  | CutFrame
  | HeartbeatFrame;

/** Why the relay closes a socket. */
export const socketCloseCodes = {
  /** What was sent is no text. */
  notText: 1003,
  /** The relay failed. */
  internalError: 1011,
  /** The relay is stopping: open another socket, and follow what can be followed. */
  draining: 1012,
  /** Who calls cannot be found out at the moment. */
  tryLater: 1013,
  /** Too much of what was sent is no frame. */
  invalidFrames: 4400,
  /** The caller did not prove who they are, or what they proved has expired. */
  unauthorized: 4401,
  /** The caller may not open a socket. */
  forbidden: 4403,
  /** The page did not read in time. */
  slowConsumer: 4408,
} as const;
