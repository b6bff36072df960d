import { socketCloseCodes } from "@gatestream/protocol";
import {
  cancel,
  drainingError,
  follow,
  readAnswerRequest,
  RelayError,
  start,
  toRelayError,
  whenExpired,
  type AnswerRequest,
  type Caller,
  type RelayContext,
  type TransportUpgrade,
} from "@gatestream/relay/parts";
import type { WebsocketConnection } from "./connection.ts";
import { readPageFrame, refusalFrame, type InvalidFrame, type PageFrame } from "./frames.ts";
import { WebsocketReader } from "./reader.ts";

/** Whose socket it is, and where it was opened. */
interface SocketOwner extends Pick<TransportUpgrade, "requestId" | "path"> {
  readonly incomingTrace: AnswerRequest["incomingTrace"];
  readonly caller: Caller;
}

/** The requests on one socket. */
export type SocketSession = ReturnType<typeof createSocketSession>;

/** Streams that one socket carries at once. */
const maxStreams = 256;
/** How much of what a page sends may be no frame before the socket is closed. */
const maxInvalidFrames = 16;

/** A stream of this socket. */
interface Reading {
  readonly reader: WebsocketReader;
  /** As soon as it can be cancelled. */
  streamId?: string;
  /** Whether it shall be cancelled as soon as it can. */
  isCancelled?: boolean;
}

/** Handles the frames of one caller's socket until it is closed. */
export function createSocketSession(
  relay: RelayContext,
  owner: SocketOwner,
  connection: WebsocketConnection,
) {
  const { observe, streams, maxBufferedBytes, slowConsumerTimeoutMs } = relay;
  const { caller, incomingTrace, path } = owner;
  const readings = new Map<string, Reading>();
  let requestCount = 0;
  let invalidCount = 0;
  let expired: RelayError | undefined;
  let closeReason: { readonly code: number; readonly error: RelayError } | undefined;

  const cancelExpiry = whenExpired(caller.expiresAt, (error) => {
    expired = error;
    closeWhenIdle(socketCloseCodes.unauthorized, error);
  });
  const stopListening = streams.whenDraining(() => {
    closeWhenIdle(socketCloseCodes.draining, drainingError());
  });

  /** Closes the socket when nothing runs on it any more. */
  function closeWhenIdle(code: number, error: RelayError): void {
    closeReason ??= { code, error };
    closeIfIdle();
  }

  function closeIfIdle(): void {
    if (closeReason === undefined || readings.size > 0) return;
    connection.close(closeReason.code, closeReason.error.message);
  }

  function nextRequestId(): string {
    requestCount += 1;
    return `${owner.requestId}.${requestCount}`;
  }

  /** Runs the operation of a frame for a new `ref`; any failure becomes one refusal. */
  async function run(frame: PageFrame): Promise<void> {
    const { ref, op, streamId = "", after } = frame;
    const requestId = nextRequestId();
    const reader = new WebsocketReader(connection, {
      ref,
      requestId,
      expiresAt: relay.endOnTokenExpiry ? caller.expiresAt : undefined,
      shareBytes: () => Math.floor(maxBufferedBytes / Math.max(1, readings.size)),
      slowConsumerTimeoutMs,
      onEnded() {
        readings.delete(ref);
        closeIfIdle();
      },
    });
    const reading: Reading = { reader };
    try {
      if (expired !== undefined) throw expired;
      if (readings.size >= maxStreams) {
        const message = `A socket carries ${maxStreams} streams at once; try again when one of them has ended.`;
        throw new RelayError("rate_limited", message);
      }
      // Else a page that starts streams and leaves them would fill the memory with what it does not read.
      if (connection.waitingBytes > 2 * maxBufferedBytes && op !== "cancel") {
        throw new RelayError("slow_consumer", "What waits on this socket must be read first.");
      }
      readings.set(ref, reading);
      if (op === "start") {
        await relay.limits.countRequest(caller.subject);
        await start(relay, takeRequest(frame, reading), reader);
      } else if (op === "follow") {
        reading.streamId = streamId;
        const isMore = await follow(relay, { streamId, caller, after }, reader);
        if (!isMore) reader.done();
      } else {
        await cancel(relay, { streamId, caller });
        reader.done();
      }
    } catch (failure) {
      const error = toRelayError(failure);
      observe({ type: "request_refused", requestId, method: op, path, error });
      reader.refuse(error);
    } finally {
      // No reader must wait for more, whatever has happened.
      reader.drop();
    }
  }

  /** Not part of `run`, which would hold the conversation until the answer has ended. */
  function takeRequest(frame: PageFrame, reading: Reading): AnswerRequest {
    const { body, idempotencyKey } = frame;
    frame.body = undefined;
    return readAnswerRequest(relay, body, {
      caller,
      requestId: reading.reader.requestId,
      idempotencyKey,
      incomingTrace,
      transport: "websocket",
      onFound(streamId) {
        reading.streamId = streamId;
        if (reading.isCancelled) cancelReading(reading);
      },
    });
  }

  function cancelReading({ streamId }: Reading): void {
    if (streamId === undefined) return;
    cancel(relay, { streamId, caller }).catch((failure: unknown) => {
      const error = toRelayError(failure);
      // It has ended meanwhile, and its reader knows how.
      if (error.code !== "stream_not_found") refuse(error, "cancel");
    });
  }

  /** Refuses a frame that has no `ref` of its own. */
  function refuse(error: RelayError, method: string, ref?: string): void {
    const requestId = nextRequestId();
    observe({ type: "request_refused", requestId, method, path, error });
    connection.answer(refusalFrame(error, requestId, ref));
  }

  function refuseInvalid({ problem, ref }: InvalidFrame): void {
    // What comes for a ref that is in use is the stream's.
    const isFree = ref !== undefined && !readings.has(ref);
    refuse(new RelayError("invalid_request", problem), "frame", isFree ? ref : undefined);
    invalidCount += 1;
    if (invalidCount < maxInvalidFrames) return;
    connection.close(socketCloseCodes.invalidFrames, "Too much of what was sent is no frame.");
  }

  return {
    /** A page has sent something. */
    onMessage(text: string): void {
      const frame = readPageFrame(text);
      if ("problem" in frame) {
        refuseInvalid(frame);
        return;
      }
      const { op, ref, streamId } = frame;
      const reading = readings.get(ref);
      if (op === "leave") {
        reading?.reader.leave();
      } else if (op === "cancel" && streamId === undefined) {
        if (reading === undefined) return;
        reading.isCancelled = true;
        cancelReading(reading);
      } else if (reading === undefined) {
        void run(frame);
      } else {
        refuseInvalid({ problem: "This ref is in use.", ref });
      }
    },
    /** It is over. */
    end(): void {
      cancelExpiry();
      stopListening();
    },
  };
}
