import { toRelayError } from "../errors.ts";
import type { EventLog } from "../log/event-log.ts";
import { deliver } from "./deliver.ts";
import { whenExpired } from "./expiry.ts";
import { produce, type ProduceParts } from "./produce.ts";
import { refusalWithin } from "./refusal-within.ts";
import type { RunningStreams } from "./running-streams.ts";
import type { Reader, StreamCall } from "./stream-call.ts";

export interface AttachedParts extends ProduceParts {
  /** Keeps nothing. */
  readonly directLog: EventLog;
  readonly running: RunningStreams;
  readonly firstByteGraceMs: number;
  readonly heartbeatMs: number;
  readonly orphanGraceMs: number;
}

/** How long a reader may take to hear how a stream ended that the relay had to end. */
const lastWordsMs = 1_000;

/** The whole way of an answer that lives and dies with its one reader. */
export async function runAttached(
  parts: AttachedParts,
  call: StreamCall,
  reader: Reader,
): Promise<void> {
  const { directLog, firstByteGraceMs, heartbeatMs, orphanGraceMs } = parts;
  const { streamId, owner } = call;
  const { channel, format } = reader;
  const stream = parts.running.enter(streamId, { owner });

  // Armed before anything else: a reader may leave in every phase.
  const upstream = new AbortController();
  const { signal } = upstream;
  const onLeft = (): void => upstream.abort();
  let lastWords: NodeJS.Timeout | undefined;
  const onEnding = (): void => {
    upstream.abort(stream.signal.reason);
    // A reader who does not read would keep the relay from stopping.
    lastWords = setTimeout(() => channel.drop(), lastWordsMs);
  };
  channel.left.addEventListener("abort", onLeft, { once: true });
  stream.signal.addEventListener("abort", onEnding, { once: true });
  const callOffExpiry = whenExpired(reader.expiresAt, stream.end);
  if (channel.left.aborted) onLeft();

  try {
    const writer = await directLog.create(streamId, { subject: owner });
    const events = await directLog.follow(streamId, { after: 0, signal: channel.left });
    if (events === undefined) throw new Error("The log lost a stream that it had just opened.");

    const production = produce(parts, { ...call, signal }, writer);
    const done = production.done.catch(() => {
      // Without its log nothing can be told: a reader who is cut off without a word knows it.
      upstream.abort();
      channel.drop();
    });
    try {
      const refusal = await refusalWithin(firstByteGraceMs, production.accepted);
      if (refusal === undefined) {
        production.tellPlaces();
        const onSlow = (slow: unknown): void => upstream.abort(slow);
        const { isResumable: resumable } = writer;
        await deliver({
          streamId,
          resumable,
          events,
          format,
          channel,
          heartbeatMs,
          orphanGraceMs,
          onSlow,
          ending: signal,
        });
        await channel.end();
      } else {
        channel.refuse(refusal);
      }
    } catch (failure) {
      upstream.abort(toRelayError(failure));
      throw failure;
    } finally {
      await done;
      production.tellEnd(channel.left.aborted);
    }
  } finally {
    callOffExpiry();
    clearTimeout(lastWords);
    channel.left.removeEventListener("abort", onLeft);
    stream.signal.removeEventListener("abort", onEnding);
    stream.leave();
  }
}
