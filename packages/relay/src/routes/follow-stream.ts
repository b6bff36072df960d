import type { IncomingMessage } from "node:http";
import type { Caller } from "../admission/caller.ts";
import type { SubjectLimits } from "../admission/limits/subject-limits.ts";
import { RelayError, toRelayError } from "../errors.ts";
import { follow, type FollowParts } from "../flow/follow.ts";
import { drainingError } from "../flow/running-streams.ts";
import { reconnectDelayMs, sendAway } from "../flow/send-away.ts";
import type { Reader } from "../flow/stream-call.ts";
import type { LoggedStream, ResumableLog } from "../log/event-log.ts";
import { replyWithNothing } from "../transport/reply.ts";
import { createReader, ownerOf, type ReaderParts } from "./reader.ts";
import type { AdmittedExchange } from "./router.ts";

export interface FollowStreamParts extends Omit<FollowParts, "resumableLog"> {
  readonly resumableLog: ResumableLog | undefined;
  readonly limits: SubjectLimits;
}

/** `GET {base}/stream/{id}` */
export async function followStream(
  parts: FollowStreamParts & ReaderParts,
  exchange: AdmittedExchange,
): Promise<void> {
  const { response, requestId, streamId, caller } = exchange;
  const reader = createReader(parts, exchange);
  const after = cursorOf(exchange);
  try {
    const isMore = await followFrom(parts, reader, { streamId, caller, after });
    // There is nothing more: a native EventSource stops asking.
    if (!isMore) replyWithNothing(response, requestId);
  } catch (failure) {
    const { code, retryAfterMs = 0 } = toRelayError(failure);
    const isTemporary = code === "relay_draining" || code === "overloaded";
    if (!isTemporary || response.headersSent) throw failure;
    const retryMs = retryAfterMs + reconnectDelayMs();
    await sendAway(reader, { ...parts, streamId, retryMs });
  }
}

/** From where a caller wants to read a stream. */
export interface WantedPlace {
  readonly streamId: string;
  readonly caller: Caller;
  /** The id of the last event that they have; 0 for none. */
  readonly after: number;
}

/**
 * Follows a stream for one reader; false, and not a word, when that has had all of it.
 *
 * @throws RelayError `stream_not_found`, `cursor_unknown`, or `relay_draining` where another relay
 *   has the stream too.
 */
export async function followFrom(
  parts: FollowStreamParts,
  reader: Reader,
  { streamId, caller, after }: WantedPlace,
): Promise<boolean> {
  const { resumableLog, running } = parts;
  await parts.limits.countLookup(caller.subject);
  if (resumableLog === undefined) throw notFound();
  if (resumableLog.isShared && running.draining.aborted) throw drainingError();
  const stream = ownStream(await resumableLog.find(streamId), caller);
  const { lastId, isClosed, isEndedElsewhere = false } = stream;
  if (after === lastId && isClosed) return false;
  // The relay that writes a stream is ahead of the log that it shares.
  const isWrittenElsewhere = resumableLog.isShared && running.find(streamId) === undefined;
  if (after > lastId && !isEndedElsewhere && (isClosed || !isWrittenElsewhere)) {
    throw new RelayError(
      "cursor_unknown",
      `The stream has no event ${after}; its last one so far is ${lastId}.`,
    );
  }
  // A reader that is ahead of the log receives only the terminal event, with the id that the log gave
  // it: when the reader asks again with that id, there is nothing more.
  const cursor = isEndedElsewhere ? Math.min(after, lastId - 1) : after;
  const missed = Math.max(0, lastId - cursor);
  const resumable = resumableLog.isReady;
  const leave = parts.limits.enterReader(caller.subject);
  try {
    const position = { streamId, after: cursor, missed, resumable };
    await follow({ ...parts, resumableLog }, reader, position);
  } finally {
    leave();
  }
  return true;
}

/** @throws RelayError `stream_not_found` for a stream that is unknown, or somebody else's. */
export function ownStream(stream: LoggedStream | undefined, caller: Caller): LoggedStream {
  if (stream?.subject === ownerOf(caller)) return stream;
  throw notFound();
}

/** Without a word of whether there is one that is somebody else's. */
export function notFound(): RelayError {
  return new RelayError("stream_not_found", "There is no such stream, or not any more.");
}

/**
 * The id of the last event that the reader has: `Last-Event-ID`, which a native EventSource sends
 * when it comes back, else `?after=`.
 */
function cursorOf({
  request,
  query,
}: {
  request: IncomingMessage;
  query: URLSearchParams;
}): number {
  const given = request.headers["last-event-id"]?.toString() || query.get("after") || "0";
  const cursor = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isNaN(cursor)) {
    throw new RelayError("invalid_request", "Last-Event-ID and after must be the id of an event.");
  }
  return cursor;
}
