import type { TerminalEvent } from "@gatestream/protocol";
import { describeError, toRelayError } from "../errors.ts";
import type { LogWriter, ResumableLog } from "../log/event-log.ts";
import { createAudience } from "./audience.ts";
import { keyReused, type IdempotencyKey } from "./idempotency-key.ts";
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
  /** Forgets a stream whose id nobody was told, because of `failure`. */
  readonly discard?: (failure: unknown) => void;
}

/** What a detached stream starts with. */
export interface DetachedStart {
  readonly key: IdempotencyKey | undefined;
  /**
   * Takes one of the streams that the caller may have at once; the returned function gives it back.
   * Not called for a retry, which joins its stream.
   */
  readonly takeSlot: () => () => void;
}

/**
 * Starts a stream that goes on without readers: every reader follows the log. When nobody has read
 * it for the grace, here or on another relay, it is abandoned. A key that has started a stream before
 * leads to that one.
 *
 * @throws RelayError `idempotency_key_reused` where that one answers another request.
 */
export async function startDetached(
  parts: DetachedParts,
  call: StreamCall,
  { key, takeSlot }: DetachedStart,
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
  let freeSlot = (): void => {};
  const leave = (): void => {
    audience.close();
    stream.leave();
    freeSlot();
  };

  async function claim(): Promise<string> {
    return key === undefined ? streamId : await resumableLog.claim(key.name, streamId);
  }

  /** A retry must not join a stream that never began. */
  async function release(): Promise<void> {
    // Where it fails the retry gets the same refusal.
    if (key !== undefined) await resumableLog.release(key.name).catch(() => {});
  }

  function terminalFor(failure: unknown): TerminalEvent {
    return { type: "error", ...describeError(toRelayError(failure), call.requestId) };
  }

  try {
    if (key === undefined) freeSlot = takeSlot();
    const writer = await resumableLog.create(streamId, { subject: owner, caller: call.subject });
    // Claimed when it can be followed: a retry finds it.
    const holder = await claim().catch((failure: unknown) => {
      // Somebody who asked with the same key may follow it by now.
      append(writer, terminalFor(failure));
      throw failure;
    });
    if (key !== undefined && holder !== streamId) {
      discard(writer, terminalFor(keyReused()));
      leave();
      if (!key.isForSameRequest(holder)) throw keyReused();
      return { streamId: holder, resumable: true };
    }
    if (key !== undefined) {
      try {
        freeSlot = takeSlot();
      } catch (failure) {
        await release();
        discard(writer, terminalFor(failure));
        throw failure;
      }
    }
    const onClosed = (): void => stream.end(writer.closed.reason);
    writer.closed.addEventListener("abort", onClosed, { once: true });
    if (writer.closed.aborted) onClosed();
    const { signal } = stream;
    const production = produce(parts, { ...call, signal, beforeRefusal: release }, writer);
    production.tellPlaces();
    const onDone = (): void => {
      production.tellEnd(audience.isEmpty);
      leave();
    };
    production.done.then(onDone, () => {
      stream.break();
      onDone();
    });
    beginWaiting();
    return {
      streamId,
      resumable: writer.isResumable,
      production,
      discard: (failure) => discard(writer, terminalFor(failure)),
    };
  } catch (failure) {
    leave();
    throw failure;
  }
}

/** Nobody was told its id; a retry with the same key may follow it. */
function discard(writer: LogWriter, terminal: TerminalEvent): void {
  if (writer.discard === undefined) append(writer, terminal);
  else writer.discard(terminal);
}

/** Where that fails the log is away, and forgets the stream in its time. */
function append(writer: LogWriter, terminal: TerminalEvent): void {
  Promise.resolve(writer.append([terminal])).catch(() => {});
}
