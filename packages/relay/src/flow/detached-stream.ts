import { describeError, toRelayError } from "../errors.ts";
import type { LogWriter, ResumableLog } from "../log/event-log.ts";
import { createAudience } from "./audience.ts";
import { produce, type ProduceParts, type Production } from "./produce.ts";
import type { RunningStreams } from "./running-streams.ts";
import type { StreamCall } from "./stream-call.ts";

export interface DetachedParts extends ProduceParts {
  readonly resumableLog: ResumableLog;
  readonly running: RunningStreams;
  readonly orphanGraceMs: number;
}

/** A stream that readers may follow. */
export interface StartedStream {
  readonly streamId: string;
  readonly resumable: boolean;
  /** Absent where the same key had started it before. */
  readonly production?: Production;
}

/**
 * Starts a stream that goes on without readers: whoever reads it follows the log. When nobody has
 * read it for the grace, here or on another relay, it is cancelled. A key that has started a stream
 * before leads to that one.
 */
export async function startDetached(
  parts: DetachedParts,
  call: StreamCall,
  key?: string,
): Promise<StartedStream> {
  const { resumableLog, running } = parts;
  const { streamId, owner } = call;
  const audience = createAudience({
    graceMs: parts.orphanGraceMs,
    async onGone() {
      // Where the store that knows it is away, nobody reads elsewhere.
      const isReadElsewhere = await resumableLog.hasReadersElsewhere(streamId).catch(() => false);
      if (audience.isEmpty && !isReadElsewhere) stream.abandon();
    },
  });
  const stream = running.enter(streamId, { owner, audience });
  // Nobody can come before it has begun.
  const beginWaiting = audience.join();
  const leave = (): void => {
    audience.close();
    stream.leave();
  };

  async function claim(): Promise<string> {
    return key === undefined ? streamId : await resumableLog.claim(key, streamId);
  }

  /** What never began must not be what a second try comes to. */
  async function release(): Promise<void> {
    // Where it fails the second try hears what the first one did.
    if (key !== undefined) await resumableLog.release(key).catch(() => {});
  }

  try {
    const writer = await resumableLog.create(streamId, { subject: owner });
    // Claimed when it can be followed: whoever comes with the same key finds it.
    const holder = await claim().catch((failure: unknown) => {
      // Somebody who asked with the same key may follow it by now.
      const error = describeError(toRelayError(failure), call.requestId);
      void writer.append([{ type: "error", ...error }]);
      throw failure;
    });
    if (holder !== streamId) {
      discard(writer);
      leave();
      return { streamId: holder, resumable: true };
    }
    const onClosed = (): void => stream.abandon(writer.closed.reason);
    writer.closed.addEventListener("abort", onClosed, { once: true });
    if (writer.closed.aborted) onClosed();
    const { signal } = stream;
    const production = produce(parts, { ...call, signal, beforeRefusal: release }, writer);
    production.tellPlaces();
    const onDone = (): void => {
      production.tellEnd(audience.isEmpty);
      leave();
    };
    production.done.then(onDone, onDone);
    beginWaiting();
    return { streamId, resumable: writer.isResumable, production };
  } catch (failure) {
    leave();
    throw failure;
  }
}

/** Nobody knows of it: it may be forgotten like any stream that has ended. */
function discard(writer: LogWriter): void {
  void writer.append([{ type: "stop", reason: "cancelled" }]);
}
