import type { Caller } from "./access/caller.ts";
import { checkConversationId } from "./access/stream-request.ts";
import { RelayError, drainingError } from "./errors.ts";
import type { FoundStream, LoggedStream } from "./log/event-log.ts";
import { type AnswerRequest, type RelayContext, ownerOf } from "./stream/answer-request.ts";
import { readKept } from "./stream/read-kept.ts";
import type { Reader } from "./stream/reader.ts";
import { runDirect } from "./stream/run-direct.ts";
import { type StartedStream, startKept } from "./stream/start-kept.ts";

// The operations of PROTOCOL.md, whichever transport asks for them. An answer goes from the
// gateway (`gateway/provider.ts`) through a production (`stream/produce.ts`) into a log
// (`log/event-log.ts`), and from there through a delivery (`stream/deliver.ts`) to a reader
// (`stream/reader.ts`): each event is pushed on in the turn in which its bytes arrived.

/**
 * Starts an answer, and delivers it to `reader`: `POST /stream`, and a `start` frame.
 *
 * @throws RelayError why it may not be started.
 */
export async function start(
  relay: RelayContext,
  request: AnswerRequest,
  reader: Reader,
): Promise<void> {
  relay.audit?.admit();
  // Without a log that keeps it, a detached stream ends with its reader, as attached ones do.
  if (request.request.onDisconnect !== "detach" || relay.log === undefined) {
    return runDirect(relay, request, reader);
  }
  const leave = relay.limits.enterReader(request.caller.subject);
  try {
    // Or the one that the same Idempotency-Key has started.
    const started = await startKept(relay, relay.log, request);
    request.onFound?.(started.streamId);
    const { streamId, resumable } = started;
    const { owner } = request;
    await readKept(relay, relay.log, { streamId, after: 0, resumable, owner, reader, started });
  } finally {
    leave();
  }
}

/**
 * Starts an answer that is read on another connection: `Prefer: respond-async`.
 *
 * @throws RelayError `invalid_request` where resumption is off.
 */
export async function startUnread(
  relay: RelayContext,
  request: AnswerRequest,
): Promise<StartedStream> {
  relay.audit?.admit();
  if (relay.log !== undefined) return startKept(relay, relay.log, request);
  throw new RelayError(
    "invalid_request",
    "Prefer: respond-async needs resumption, which is off on this relay.",
  );
}

/** From where a caller wants to read a stream. */
export interface FollowRequest {
  readonly streamId: string;
  readonly caller: Caller;
  /** The id of the last event that they have; 0 for none. */
  readonly after: number;
  /** Whether they ask again and again: each time is no resumption of its own. @defaultValue false */
  readonly isPolling?: boolean;
  /** Whether the reader gets the events up to `after` again, to know what they have. @defaultValue false */
  readonly isFromStart?: boolean;
}

/**
 * A stream that a caller may follow.
 *
 * @throws RelayError `stream_not_found`
 */
export async function find(
  relay: RelayContext,
  { streamId, caller }: Pick<FollowRequest, "streamId" | "caller">,
): Promise<FoundStream> {
  await relay.limits.countLookup(caller.subject);
  const found = await relay.log?.find(streamId);
  const stream = found && { ...found, streamId };
  if (stream === undefined || !(await mayRead(relay, caller, stream))) throw notFound();
  return stream;
}

/**
 * Delivers a stream to one more reader: `GET /stream/{id}`, and a `follow` frame. False, and nothing is
 * written, when the reader has all of it.
 *
 * @throws RelayError `stream_not_found`, `cursor_unknown`, or `relay_draining` where another relay has
 *   the stream too.
 */
export async function follow(
  relay: RelayContext,
  { streamId, caller, after, isPolling = false, isFromStart = false }: FollowRequest,
  reader: Reader,
): Promise<boolean> {
  const { log, streams, limits } = relay;
  if (log === undefined) throw notFound();
  if (log.isShared && streams.isDraining) throw drainingError();
  const stream = await find(relay, { streamId, caller });
  const { lastId, isClosed, isEndedElsewhere = false } = stream;
  if (after === lastId && isClosed) return false;
  // The relay that writes a stream is ahead of the log that it shares; so was one that has died.
  const written = streams.find(streamId);
  const mayBeBehind = log.isShared && (written?.isContinued ?? true);
  if (after > lastId && !isEndedElsewhere && (isClosed || !mayBeBehind)) {
    throw new RelayError(
      "cursor_unknown",
      `The stream has no event ${after}; its last one so far is ${lastId}.`,
    );
  }
  // A reader that is ahead of the log receives only the terminal event, with the id that the log gave
  // it: when the reader asks again with that id, there is nothing more.
  const least = isEndedElsewhere ? Math.min(after, lastId - 1) : after;
  const cursor = isFromStart ? 0 : least;
  const resumption = isPolling ? {} : { liveAfter: lastId };
  const reading = { streamId, after: cursor, ...resumption, resumable: log.isReady };
  const leave = limits.enterReader(caller.subject);
  try {
    await readKept(relay, log, { ...reading, owner: stream.subject, reader });
  } finally {
    leave();
  }
  return true;
}

/**
 * Cancels a stream for its owner: `DELETE /stream/{id}`, and a `cancel` frame. One that has ended stays
 * as it is.
 *
 * @throws RelayError `stream_not_found` for a stream that is unknown, or not the caller's.
 */
export async function cancel(
  { streams, log, limits }: RelayContext,
  { streamId, caller }: Pick<FollowRequest, "streamId" | "caller">,
): Promise<void> {
  await limits.countLookup(caller.subject);
  const stream = streams.find(streamId);
  if (stream?.owner === ownerOf(caller)) {
    stream.end();
    return;
  }
  if (log === undefined) throw notFound();
  if (!isOwn(await log.find(streamId), caller)) throw notFound();
  await log.cancel(streamId);
}

/** Which conversation a caller asks about. */
export interface ConversationRequest {
  readonly conversationId: string;
  readonly caller: Caller;
}

/** As many streams of a conversation are listed, and of others' as many looked at. */
const maxListed = 100;

/**
 * The streams of a conversation that the caller may follow, the newest first:
 * `GET /conversations/{id}/streams`.
 *
 * @throws RelayError `invalid_request` for an id that is none, or that others might guess; `not_found`
 *   where streams are not found by their conversation.
 */
export async function listStreams(
  relay: RelayContext,
  request: ConversationRequest,
): Promise<readonly FoundStream[]> {
  const found = await findStreams(relay, request);
  return (await readable(relay, request.caller, found)).slice(0, maxListed);
}

/**
 * The newest stream of a conversation that runs and that the caller may follow; undefined where none
 * does.
 *
 * @throws RelayError as `listStreams`.
 */
export async function findRunning(
  relay: RelayContext,
  request: ConversationRequest,
): Promise<string | undefined> {
  const running = (await findStreams(relay, request)).filter(({ isClosed }) => !isClosed);
  const [newest] = await readable(relay, request.caller, running);
  return newest?.streamId;
}

/**
 * Cancels the caller's own newest stream of a conversation that runs, where one does.
 *
 * @throws RelayError as `listStreams`.
 */
export async function cancelRunning(
  relay: RelayContext,
  request: ConversationRequest,
): Promise<void> {
  const { caller } = request;
  const found = await findStreams(relay, request);
  const newest = found.find((stream) => !stream.isClosed && isOwn(stream, caller));
  if (newest !== undefined) await cancel(relay, { streamId: newest.streamId, caller });
}

/** The streams of a conversation, whosever they are, the newest first. */
async function findStreams(
  { log, streams, limits }: RelayContext,
  { conversationId, caller }: ConversationRequest,
): Promise<readonly FoundStream[]> {
  await limits.countLookup(caller.subject);
  checkConversationId(caller, conversationId);
  if (log?.findByConversation === undefined) throw notFindable();
  const found = await log.findByConversation(conversationId);
  // A log of this relay alone: what nothing writes here is written nowhere.
  const isLost = ({ streamId, isClosed }: FoundStream): boolean =>
    !isClosed && !log.isShared && streams.find(streamId) === undefined;
  return found
    .map((stream) => (isLost(stream) ? ended(stream) : stream))
    .toSorted((one, other) => (other.startedAt ?? 0) - (one.startedAt ?? 0));
}

function ended(stream: FoundStream): FoundStream {
  return { ...stream, isClosed: true, reason: "producer_lost" };
}

function notFindable(): RelayError {
  return new RelayError(
    "not_found",
    "This relay does not find streams by their conversation: resumption is off, or its log has no findByConversation.",
  );
}

/** Those that the caller may follow: all their own, and of the newest of others. */
async function readable(
  relay: RelayContext,
  caller: Caller,
  found: readonly FoundStream[],
): Promise<readonly FoundStream[]> {
  const others = found.filter((stream) => !isOwn(stream, caller));
  const asked = others.slice(0, relay.mayFollow === undefined ? 0 : maxListed);
  const answers = await Promise.all(asked.map((stream) => mayRead(relay, caller, stream)));
  const hidden = new Set(others.filter((_, index) => answers[index] !== true));
  return found.filter((stream) => !hidden.has(stream));
}

async function mayRead(
  { mayFollow }: RelayContext,
  caller: Caller,
  stream: FoundStream,
): Promise<boolean> {
  if (isOwn(stream, caller) || mayFollow === undefined) return isOwn(stream, caller);
  const { streamId, subject, configurationId, conversationId, metadata } = stream;
  return mayFollow(caller, { streamId, subject, configurationId, conversationId, metadata });
}

function isOwn(stream: LoggedStream | undefined, caller: Caller): boolean {
  return stream?.subject === ownerOf(caller);
}

/** The same for a stream that is not the caller's as for one that is unknown. */
function notFound(): RelayError {
  return new RelayError("stream_not_found", "There is no such stream, or not any more.");
}
