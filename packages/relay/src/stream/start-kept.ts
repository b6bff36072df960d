import type { TerminalEvent } from "@gatestream/protocol";
import { describeError, toRelayError } from "../errors.ts";
import type { LogWriter, ResumableLog } from "../log/event-log.ts";
import type { Reader } from "./reader.ts";
import type { AnswerRequest } from "./answer-request.ts";
import { createReaders } from "./readers.ts";
import { keyReused, readIdempotencyKey, type IdempotencyKey } from "./idempotency-key.ts";
import { Production } from "./produce.ts";
import { readKept } from "./read-kept.ts";
import type { RelayContext } from "./relay-context.ts";
import type { Stream } from "./streams.ts";

/** A stream that readers may follow. */
export interface StartedStream {
  readonly streamId: string;
  readonly resumable: boolean;
  /** Absent where the same key had started it before. */
  readonly production?: Production;
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
  const { streams, limits, orphanGraceMs } = relay;
  const { caller, owner, idempotencyKey, requestId } = request;
  const key =
    idempotencyKey === undefined
      ? undefined
      : readIdempotencyKey(caller, idempotencyKey, request.request);
  const { streamId } = key ?? request;
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
  const discard = (writer: LogWriter, failure: unknown): void =>
    discardStream(writer, { type: "error", ...describeError(toRelayError(failure), requestId) });

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
      const holder = await claim(log, key, { writer, request });
      if (holder !== streamId) {
        discard(writer, keyReused());
        leave();
        if (!key.isForSameRequest(holder)) throw keyReused();
        return { streamId: holder, resumable: true };
      }
      try {
        freeSlot = limits.enterStream(caller.subject);
      } catch (failure) {
        await release(log, key);
        discard(writer, failure);
        throw failure;
      }
    }
    production = produceKept({ relay, log, request, key, stream, writer, leave });
    beginWaiting();
    return {
      streamId,
      resumable: writer.isResumable,
      production,
      discard: (failure) => discard(writer, failure),
    };
  } catch (failure) {
    leave();
    throw failure;
  }
}

interface KeptParts {
  readonly relay: RelayContext;
  readonly log: ResumableLog;
  readonly request: AnswerRequest;
  readonly key: IdempotencyKey | undefined;
  readonly stream: Stream;
  readonly writer: LogWriter;
  readonly leave: () => void;
}

function produceKept({ relay, log, request, key, stream, writer, leave }: KeptParts): Production {
  const { provider, observe, startTrace } = relay;
  const { streamId } = stream;
  const production = new Production(
    { ...request, streamId },
    {
      provider,
      observe,
      startTrace,
      writer,
      // A retry must not join a stream that never began.
      beforeRefusal: () => release(log, key),
      onEnd({ hasLogFailed }) {
        if (hasLogFailed) stream.cutReaders();
        production.notifyEnd(stream.readers?.isEmpty === true);
        leave();
      },
    },
  );
  stream.whenEnded((reason) => production.cancel(reason));
  production.showPositions();
  production.start(request);
  return production;
}

async function claim(
  log: ResumableLog,
  key: IdempotencyKey,
  { writer, request }: Pick<KeptParts, "writer" | "request">,
): Promise<string> {
  try {
    return await log.claim(key.name, key.streamId);
  } catch (failure) {
    // A reader who asked with the same key may follow it by now.
    const error = describeError(toRelayError(failure), request.requestId);
    writer.append([{ type: "error", ...error }]);
    throw failure;
  }
}

/** Where it fails a retry gets the same refusal. */
async function release(log: ResumableLog, key: IdempotencyKey | undefined): Promise<void> {
  if (key !== undefined) await log.release(key.name).catch(() => {});
}

/** No client received its id; a retry with the same key may follow it. */
function discardStream(writer: LogWriter, terminal: TerminalEvent): void {
  if (writer.discard === undefined) writer.append([terminal]);
  else writer.discard(terminal);
}

export interface StartedReading {
  readonly stream: StartedStream;
  readonly request: AnswerRequest;
  readonly reader: Reader;
}

/** Delivers a stream to the reader that asked for it, from its first event. */
export async function readFromStart(
  relay: RelayContext,
  log: ResumableLog,
  { stream, request, reader }: StartedReading,
): Promise<void> {
  const { streamId, resumable, production, discard: forget } = stream;
  const running = relay.streams.find(streamId);
  // A reader that waits for the gateway to accept counts already.
  const leaveReaders = running?.readers?.join() ?? (() => {});
  const removeReader = running?.addReader(() => reader.drop());
  reader.onLeft = leaveReaders;
  if (reader.hasLeft) leaveReaders();
  try {
    const refusal = await production?.refusalWithin(relay.firstByteGraceMs);
    if (refusal !== undefined) {
      reader.refuse(refusal);
      // A refusal does not contain the id.
      forget?.(refusal);
    } else if (!reader.hasLeft) {
      // A reader that has left does not become one again.
      const { owner } = request;
      await readKept(relay, log, { position: { streamId, after: 0, resumable, owner }, reader });
    }
  } finally {
    removeReader?.();
    leaveReaders();
  }
}
