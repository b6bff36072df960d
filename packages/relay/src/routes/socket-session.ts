import { socketCloseCodes } from "@gatestream/protocol";
import type { Caller } from "../admission/caller.ts";
import { RelayError, toRelayError } from "../errors.ts";
import { cancel } from "../flow.ts";
import type { IncomingTrace } from "../observe/remote-trace.ts";
import { whenExpired } from "../stream/expiry.ts";
import { drainingError } from "../stream/streams.ts";
import { refusalFrame, WebsocketReader } from "../transport/websocket-reader.ts";
import type { WebsocketConnection } from "../transport/websocket-connection.ts";
import { answerFrame } from "./answer-frame.ts";
import { readClientFrame, type InvalidFrame, type UncheckedFrame } from "./client-frame.ts";
import type { RequestParts } from "./answer-request.ts";

export interface SocketSessionParts extends RequestParts {
  readonly endOnTokenExpiry: boolean;
  readonly maxBufferedBytes: number;
  readonly slowConsumerTimeoutMs: number;
}

/** Whose socket it is. */
export interface SocketOwner {
  readonly caller: Caller;
  /** What the operator's log calls the socket; its requests have a number behind it. */
  readonly requestId: string;
  readonly incomingTrace: IncomingTrace;
  /** Where the socket was opened. */
  readonly path: string;
}

/** What is asked for on one socket. */
export interface SocketSession {
  /** A page has sent something. */
  hear(text: string): void;
  /** It is over. */
  end(): void;
}

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

/** Serves one caller's socket until it is closed. */
export function createSocketSession(
  parts: SocketSessionParts,
  owner: SocketOwner,
  connection: WebsocketConnection,
): SocketSession {
  const { observe, streams, maxBufferedBytes, slowConsumerTimeoutMs } = parts;
  const { caller, incomingTrace, path } = owner;
  const readings = new Map<string, Reading>();
  let requestCount = 0;
  let invalidCount = 0;
  let expired: RelayError | undefined;
  let farewell: { readonly code: number; readonly error: RelayError } | undefined;

  const callOffExpiry = whenExpired(caller.expiresAt, (error) => {
    expired = error;
    leaveWith(socketCloseCodes.unauthorized, error);
  });
  const stopListening = streams.whenDraining(() => {
    leaveWith(socketCloseCodes.draining, drainingError());
  });

  /** Closes the socket when nothing runs on it any more. */
  function leaveWith(code: number, error: RelayError): void {
    farewell ??= { code, error };
    closeIfIdle();
  }

  function closeIfIdle(): void {
    if (farewell === undefined || readings.size > 0) return;
    connection.close(farewell.code, farewell.error.message);
  }

  function nextRequestId(): string {
    requestCount += 1;
    return `${owner.requestId}.${requestCount}`;
  }

  /** Does what a frame asks for; whatever goes wrong in it becomes one refusal. */
  async function run(frame: UncheckedFrame): Promise<void> {
    const { ref, op } = frame;
    const requestId = nextRequestId();
    const reader = new WebsocketReader(connection, {
      ref,
      requestId,
      expiresAt: parts.endOnTokenExpiry ? caller.expiresAt : undefined,
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
      if (readings.size >= maxStreams) throw tooManyStreams();
      // Else a page that starts streams and leaves them would fill the memory with what it does not read.
      if (connection.waitingBytes > 2 * maxBufferedBytes && op !== "cancel") throw tooMuchWaits();
      readings.set(ref, reading);
      await answerFrame(parts, frame, {
        caller,
        incomingTrace,
        reader,
        onFound(streamId) {
          reading.streamId = streamId;
          if (reading.isCancelled) cancelReading(reading);
        },
      });
    } catch (failure) {
      const error = toRelayError(failure);
      observe({ type: "request_refused", requestId, method: op, path, error });
      reader.refuse(error);
    } finally {
      // Nobody shall wait for more, whatever has happened.
      reader.drop();
    }
  }

  function cancelReading({ streamId }: Reading): void {
    if (streamId === undefined) return;
    cancel(parts, { streamId, caller }).catch((failure: unknown) => {
      const error = toRelayError(failure);
      // It has ended meanwhile, and its reader knows how.
      if (error.code !== "stream_not_found") refuse(error, "cancel");
    });
  }

  /** Says no to a frame that has no `ref` of its own. */
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

  function obey(frame: UncheckedFrame): void {
    const { ref } = frame;
    const reading = readings.get(ref);
    if (frame.op === "leave") {
      reading?.reader.leave();
    } else if (frame.op === "cancel" && frame.streamId === undefined) {
      if (reading === undefined) return;
      reading.isCancelled = true;
      cancelReading(reading);
    } else if (reading === undefined) {
      void run(frame);
    } else {
      refuseInvalid({ problem: "This ref is in use.", ref });
    }
  }

  return {
    hear(text) {
      const frame = readClientFrame(text);
      if ("problem" in frame) refuseInvalid(frame);
      else obey(frame);
    },
    end() {
      callOffExpiry();
      stopListening();
    },
  };
}

function tooManyStreams(): RelayError {
  return new RelayError(
    "rate_limited",
    `A socket carries ${maxStreams} streams at once; try again when one of them has ended.`,
  );
}

function tooMuchWaits(): RelayError {
  return new RelayError("slow_consumer", "What waits on this socket must be read first.");
}
