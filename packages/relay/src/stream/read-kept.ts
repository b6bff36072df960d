import { RelayError } from "../errors.ts";
import type { ResumableLog } from "../log/event-log.ts";
import { LogBatch } from "../log/log-batch.ts";
import { loggedStreamId } from "../observe/logged-names.ts";
import { whenExpired } from "../timers.ts";
import type { RelayContext } from "./answer-request.ts";
import type { Reader } from "./reader.ts";
import { Delivery } from "./deliver.ts";
import type { StartedStream } from "./start-kept.ts";
import type { Streams } from "./streams.ts";

/** A stream that a reader is to get, and from where. */
export interface Reading {
  readonly streamId: string;
  /** The id of the last event that the reader has; 0 for none. */
  readonly after: number;
  /** For a reader that resumes: `live` comes after the event of this id. */
  readonly liveAfter?: number;
  readonly resumable: boolean;
  /** Who may read it; empty where its id is all that is asked for. */
  readonly owner: string;
  readonly reader: Reader;
  /** For the reader that started it: a refusal of the gateway is that of its request. */
  readonly started?: StartedStream;
}

/**
 * Delivers a stream from the log to one reader, who may leave and resume. A relay that stops sends the
 * reader to another one, if that has the stream too.
 */
export async function readKept(
  relay: Pick<
    RelayContext,
    "streams" | "heartbeatMs" | "firstByteGraceMs" | "orphanGraceMs" | "observe"
  >,
  log: ResumableLog,
  { streamId, after, liveAfter, resumable, owner, reader, started }: Reading,
): Promise<void> {
  const { streams, heartbeatMs, orphanGraceMs, observe } = relay;
  const { requestId } = reader;
  const loggedId = loggedStreamId(streamId, owner);
  const delivery = new Delivery(reader, liveAfter);
  let isMovingOn = false;
  const moveOn = (): void => {
    isMovingOn = true;
    delivery.cut();
  };
  // A reader that waits for the gateway to accept counts already.
  const leaveStream = streams.find(streamId)?.addReader(() => reader.drop());
  const leaveRelay = streams.visit();
  const stopExpiry = whenExpired(reader.expiresAt, moveOn);
  let stopListening = (): unknown => undefined;
  reader.onLeft = () => {
    leaveStream?.();
    delivery.leave();
  };
  reader.onSlow = () => {
    // It may resume.
    reader.drop();
    observe({ type: "reader_dropped", streamId: loggedId, requestId });
  };
  try {
    if (reader.hasLeft) leaveStream?.();
    const refusal = await started?.refusalWithin?.(relay.firstByteGraceMs);
    if (refusal !== undefined) {
      reader.refuse(refusal);
      // A refusal does not contain the id.
      started?.discard?.(refusal);
      return;
    }
    // A reader that has left does not become one again.
    if (reader.hasLeft) return;
    if (await isUnwritten(log, streams, streamId)) {
      throw new RelayError("producer_lost", "Nothing more is written to this stream; ask again.");
    }
    const following = await log.follow(streamId, after, delivery);
    if (following === undefined) {
      throw new RelayError("stream_not_found", "There is no such stream.");
    }
    if (liveAfter !== undefined) {
      observe({ type: "reader_resumed", streamId: loggedId, requestId, after });
    }
    const resumableForMs = resumable ? orphanGraceMs : 0;
    const running = delivery.run(
      following,
      { type: "start", streamId, resumable, resumableForMs, heartbeatMs },
      after,
    );
    // Also a reader who waited for the gateway until the relay stopped.
    if (log.isShared) stopListening = streams.whenDraining(moveOn);
    const outcome = await running;
    if (outcome === "left") return;
    if (outcome === "cut" && !isMovingOn) {
      reader.drop();
      return;
    }
    if (outcome === "cut") {
      reader.write(new LogBatch(0, [{ type: "reconnect", retryMs: reconnectDelayMs() }]));
    }
    await reader.end();
  } finally {
    stopListening();
    stopExpiry();
    leaveStream?.();
    leaveRelay();
  }
}

/** Shortest and longest time after which a reader should reconnect, in milliseconds. */
const reconnectMs = { least: 100, most: 1_000 };

/** A random delay, so that not all readers reconnect at once. */
export function reconnectDelayMs(): number {
  const { least, most } = reconnectMs;
  return Math.round(least + Math.random() * (most - least));
}

/** Whether an open stream of this relay alone has lost its writer, as when the log failed. */
async function isUnwritten(
  log: ResumableLog,
  streams: Streams,
  streamId: string,
): Promise<boolean> {
  if (log.isShared || streams.find(streamId) !== undefined) return false;
  return (await log.find(streamId))?.isClosed === false;
}
