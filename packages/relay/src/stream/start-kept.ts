import { describeError, toRelayError } from "../errors.ts";
import type { LogWriter, ResumableLog } from "../log/event-log.ts";
import type { AnswerRequest, RelayContext } from "./answer-request.ts";
import { keyReused, readIdempotencyKey } from "./idempotency-key.ts";
import { Production } from "./produce.ts";
import { createReaders } from "./readers.ts";

/** A stream that readers may follow. */
export interface StartedStream {
  readonly streamId: string;
  readonly resumable: boolean;
  /** Why the gateway did not accept; undefined where the same key had started the stream before. */
  readonly refusalWithin?: Production["refusalWithin"];
  /** Forgets a stream whose id no client received, because of `failure`. */
  readonly discard?: (failure: unknown) => void;
}

/**
 * Starts a stream that goes on without readers: every reader follows the log. When it had no readers
 * for the grace period, here or on another relay, it is abandoned. A key that has started a stream before
 * leads to that one.
 *
 * @throws RelayError `idempotency_key_reused` where that one answers another request.
 */
export async function startKept(
  relay: RelayContext,
  log: ResumableLog,
  request: AnswerRequest,
): Promise<StartedStream> {
  const { provider, observe, startTrace, streams, limits, orphanGraceMs } = relay;
  const { caller, owner, idempotencyKey, requestId } = request;
  const key =
    idempotencyKey === undefined
      ? undefined
      : readIdempotencyKey(caller, idempotencyKey, request.request);
  const streamId = key?.streamId ?? request.streamId;
  const readers = createReaders({
    graceMs: orphanGraceMs,
    async onOrphaned() {
      // While the store is away, no other relay can serve readers.
      const isReadElsewhere = await log.hasReadersElsewhere(streamId).catch(() => false);
      if (readers.isEmpty && !isReadElsewhere) stream.abandon();
    },
  });
  const stream = streams.enter({ streamId, owner, readers });
  // No reader can join before the stream has begun.
  const beginWaiting = readers.join();
  let freeSlot = (): void => {};
  const leave = (): void => {
    readers.close();
    stream.leave();
    freeSlot();
  };
  let production: Production | undefined;
  const errorOf = (failure: unknown) =>
    ({ type: "error", ...describeError(toRelayError(failure), requestId) }) as const;
  /** No client received its id; a retry with the same key may follow it. */
  const discard = (writer: LogWriter, failure: unknown): void => {
    if (writer.discard === undefined) writer.append([errorOf(failure)]);
    else writer.discard(errorOf(failure));
  };
  /** A retry must not join a stream that never began; where this fails it gets the same refusal. */
  const releaseKey = async (): Promise<void> => {
    if (key !== undefined) await log.release(key.name).catch(() => {});
  };

  try {
    // A retry, which joins its stream, takes no slot.
    if (key === undefined) freeSlot = limits.enterStream(caller.subject);
    const facts = { subject: owner, caller: caller.subject };
    const writer = await log.create(streamId, facts, {
      onRoom: () => production?.resume(),
      onClosed: (reason) => stream.end(reason),
    });
    if (key !== undefined) {
      // Claimed when it can be followed: a retry finds it.
      const holder = await log.claim(key.name, streamId).catch((failure: unknown) => {
        // Perhaps it was claimed, and is followed by now.
        writer.append([errorOf(failure)]);
        throw failure;
      });
      if (holder !== streamId) {
        discard(writer, keyReused());
        if (!key.isForSameRequest(holder)) throw keyReused();
        leave();
        return { streamId: holder, resumable: true };
      }
      try {
        freeSlot = limits.enterStream(caller.subject);
      } catch (failure) {
        await releaseKey();
        discard(writer, failure);
        throw failure;
      }
    }
    const begun = new Production(
      { ...request, streamId },
      {
        provider,
        observe,
        startTrace,
        writer,
        beforeRefusal: releaseKey,
        onEnd({ hasLogFailed }) {
          if (hasLogFailed) stream.cutReaders();
          begun.notifyEnd(readers.isEmpty);
          leave();
        },
      },
    );
    production = begun;
    stream.whenEnded((reason) => begun.cancel(reason));
    begun.showPositions();
    begun.start(request);
    beginWaiting();
    return {
      streamId,
      resumable: writer.isResumable,
      refusalWithin: (graceMs) => begun.refusalWithin(graceMs),
      discard: (failure) => discard(writer, failure),
    };
  } catch (failure) {
    leave();
    throw failure;
  }
}
