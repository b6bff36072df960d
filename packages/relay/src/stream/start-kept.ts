import { createHash } from "node:crypto";
import type { StreamRequest } from "@gatestream/protocol";
import { type Caller, minAnonymousChars } from "../access/caller.ts";
import { checkConversationId } from "../access/stream-request.ts";
import { describeError, RelayError, toRelayError } from "../errors.ts";
import type { LogWriter, ResumableLog } from "../log/event-log.ts";
import { type AnswerRequest, type RelayContext, newStreamId } from "./answer-request.ts";
import { AbandonedError, Production } from "./produce.ts";
import { createReaders } from "./readers.ts";
import type { StreamOptions } from "./streams.ts";

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
 * @throws RelayError `idempotency_key_reused` where that one answers another request, `invalid_request`
 *   for a conversation's id that others might guess.
 */
export async function startKept(
  relay: RelayContext,
  log: ResumableLog,
  request: AnswerRequest,
): Promise<StartedStream> {
  const { provider, observe, startTrace, audit, limits } = relay;
  const { caller, owner, idempotencyKey, requestId } = request;
  const { conversationId, configurationId, metadata } = request.request;
  if (conversationId !== undefined) checkConversationId(caller, conversationId);
  const key =
    idempotencyKey === undefined
      ? undefined
      : readIdempotencyKey(caller, idempotencyKey, request.request);
  const streamId = key?.streamId ?? request.streamId;
  const { stream, readers } = enterKept(relay, log, { streamId, owner });
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
  /** A retry must not join a stream that never began. */
  const releaseKey = async (): Promise<void> => {
    try {
      if (key !== undefined) await log.release(key.name);
    } catch {
      // The stream that has it ends with the same refusal.
    }
  };

  try {
    // A retry, which joins its stream, takes no slot.
    if (key === undefined) freeSlot = limits.enterStream(caller.subject);
    const who = { subject: owner, caller: caller.subject };
    const facts = {
      ...who,
      conversationId,
      configurationId,
      metadata,
      startedAt: request.startedAt ?? Date.now(),
    };
    const writer = await log.create(streamId, facts, {
      onRoom: () => production?.resume(),
      onClosed: (reason) => stream.end(reason),
    });
    if (key !== undefined) {
      // Claimed when it can be followed: a retry finds it.
      let holder: string;
      try {
        holder = await log.claim(key.name, streamId);
      } catch (failure) {
        // Perhaps it was claimed, and is followed by now.
        writer.append([errorOf(failure)]);
        throw failure;
      }
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
        audit,
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

/** A stream that is abandoned when it had no readers for the grace period, here or on another relay. */
export function enterKept(
  { streams, orphanGraceMs }: RelayContext,
  log: ResumableLog,
  which: Pick<StreamOptions, "streamId" | "owner" | "isContinued">,
) {
  const { streamId } = which;
  const readers = createReaders({
    graceMs: orphanGraceMs,
    async onOrphaned() {
      let isReadElsewhere = false;
      try {
        isReadElsewhere = await log.hasReadersElsewhere(streamId, orphanGraceMs);
      } catch {
        // While the store is away, no other relay can serve readers.
      }
      if (readers.isEmpty && !isReadElsewhere) stream.end(new AbandonedError());
    },
  });
  const stream = streams.enter({ ...which, readers });
  return { stream, readers };
}

/** A caller's `Idempotency-Key` and the request that it stands for. */
interface IdempotencyKey {
  /** Its name in the log: no caller comes to another's stream with it. */
  readonly name: string;
  /** The id of a new stream, which also identifies the request. */
  readonly streamId: string;
  /** Whether the stream that has the key answers the same request. */
  isForSameRequest(streamId: string): boolean;
}

/** 128 random bits as base64url. */
const randomChars = 22;

/**
 * An address is shared by everybody behind it: where callers are anonymous the key is what proves
 * that it is the same one, so it has to be long.
 *
 * @throws RelayError `invalid_request` for a key that is too long or too short.
 */
function readIdempotencyKey(
  { subject, isAnonymous = false }: Caller,
  key: string,
  { configurationId, messages, options }: StreamRequest,
): IdempotencyKey {
  const minChars = isAnonymous ? minAnonymousChars : 1;
  if (!/^[\x21-\x7E]{1,200}$/.test(key) || key.length < minChars) {
    throw new RelayError(
      "invalid_request",
      `Idempotency-Key must be ${minChars} to 200 visible ASCII characters.`,
    );
  }
  // The key is part of it: ids are logged, and a short request could be guessed from a bare digest.
  const digestFor = (random: string): string =>
    digest([subject, key, random, configurationId, messages, ...(options ? [options] : [])]).slice(
      0,
      randomChars,
    );
  const random = newStreamId();
  return {
    name: digest([subject, key]),
    streamId: random + digestFor(random),
    isForSameRequest(streamId) {
      const given = streamId.slice(randomChars);
      // A stream without it was started by another version of the relay.
      return given === "" || given === digestFor(streamId.slice(0, randomChars));
    },
  };
}

function keyReused(): RelayError {
  return new RelayError(
    "idempotency_key_reused",
    "This Idempotency-Key was used for another request; use a new key.",
  );
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}
