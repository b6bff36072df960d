import { RelayError } from "../errors.ts";
import type { ResumableLog } from "../log/event-log.ts";
import { deliver } from "./deliver.ts";
import { whenExpired } from "./expiry.ts";
import { loggedStreamId } from "../observe/logged-names.ts";
import type { Observer } from "../observe/observer.ts";
import type { RunningStreams } from "./running-streams.ts";
import { reconnectDelayMs } from "./send-away.ts";
import type { Reader } from "./stream-call.ts";

export interface FollowParts {
  readonly observe: Observer;
  readonly resumableLog: ResumableLog;
  readonly running: RunningStreams;
  readonly heartbeatMs: number;
  readonly orphanGraceMs: number;
}

/** From where a stream is followed. */
export interface Place {
  readonly streamId: string;
  /** The id of the last event that the reader has; 0 for none. */
  readonly after: number;
  /** For a reader who comes back: how many events it has missed so far. */
  readonly missed?: number;
  readonly resumable: boolean;
}

/**
 * Follows a stream for one reader, who may leave and come back. A relay that stops sends the reader
 * to another one, if that has the stream too.
 */
export async function follow(parts: FollowParts, reader: Reader, place: Place): Promise<void> {
  const { resumableLog, running, heartbeatMs, orphanGraceMs, observe } = parts;
  const { channel, format, requestId } = reader;
  const { streamId, after } = place;
  if (await isUnwritten(parts, streamId)) {
    throw new RelayError("producer_lost", "Nothing more is written to this stream; ask again.");
  }
  const movingOn = new AbortController();
  const onMovingOn = (): void => movingOn.abort();
  const callOffExpiry = whenExpired(reader.expiresAt, onMovingOn);
  if (resumableLog.isShared) {
    running.draining.addEventListener("abort", onMovingOn, { once: true });
    // Somebody may have waited for the gateway's word until the relay stopped.
    if (running.draining.aborted) onMovingOn();
  }
  const stream = running.find(streamId);
  const leaveAudience = stream?.audience?.join();
  const leave = running.visit();
  try {
    const endings = [channel.left, movingOn.signal];
    if (stream !== undefined) endings.push(stream.broken);
    const signal = AbortSignal.any(endings);
    const events = await resumableLog.follow(streamId, { after, signal });
    if (events === undefined) throw new RelayError("stream_not_found", "There is no such stream.");
    const loggedId = loggedStreamId(streamId, reader.owner);
    if (place.missed !== undefined) {
      observe({ type: "reader_resumed", streamId: loggedId, requestId, after });
    }
    const isOver = await deliver({
      ...place,
      events,
      format,
      channel,
      heartbeatMs,
      orphanGraceMs,
      onSlow() {
        // It may come back for the rest.
        channel.drop();
        observe({ type: "reader_dropped", streamId: loggedId, requestId });
      },
      ending: signal,
    });
    if (!isOver && !movingOn.signal.aborted) {
      // Cut off without a terminal event, it knows that there is more.
      channel.drop();
      return;
    }
    if (!isOver)
      channel.write(format.encode([{ type: "reconnect", retryMs: reconnectDelayMs() }], 0));
    await channel.end();
  } finally {
    leaveAudience?.();
    leave();
    callOffExpiry();
    running.draining.removeEventListener("abort", onMovingOn);
  }
}

/** Whether an open stream of this relay alone has lost its writer, as when the log failed. */
async function isUnwritten(
  { resumableLog, running }: FollowParts,
  streamId: string,
): Promise<boolean> {
  if (resumableLog.isShared || running.find(streamId) !== undefined) return false;
  return (await resumableLog.find(streamId))?.isClosed === false;
}
