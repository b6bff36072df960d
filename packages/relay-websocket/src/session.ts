import { socketCloseCodes } from "@gatestream/protocol";
import {
  cancel,
  drainingError,
  RelayError,
  toRelayError,
  whenExpired,
  type Caller,
  type IncomingTrace,
  type RelayContext,
} from "@gatestream/relay/parts";
import { readClientFrame, type InvalidFrame, type UncheckedFrame } from "./client-frame.ts";
import type { WebsocketConnection } from "./connection.ts";
import { handleFrame } from "./handle-frame.ts";
import { refusalFrame, WebsocketReader } from "./reader.ts";

/** Whose socket it is. */
export interface SocketOwner {
  readonly caller: Caller;
  /** What the operator's log calls the socket; its requests have a number behind it. */
  readonly requestId: string;
  readonly incomingTrace: IncomingTrace;
  /** Where the socket was opened. */
  readonly path: string;
}

/** The requests on one socket. */
export interface SocketSession {
  /** A page has sent something. */
  onMessage(text: string): void;
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

/** Handles the frames of one caller's socket until it is closed. */
export function createSocketSession(
  relay: RelayContext,
  owner: SocketOwner,
  connection: WebsocketConnection,
): SocketSession {
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

  /** Handles a frame; any failure becomes one refusal. */
  async function run(frame: UncheckedFrame): Promise<void> {
    const { ref, op } = frame;
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
      if (readings.size >= maxStreams) throw tooManyStreams();
      // Else a page that starts streams and leaves them would fill the memory with what it does not read.
      if (connection.waitingBytes > 2 * maxBufferedBytes && op !== "cancel") throw tooMuchWaits();
      readings.set(ref, reading);
      await handleFrame(relay, frame, {
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
      // No reader must wait for more, whatever has happened.
      reader.drop();
    }
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

  function handle(frame: UncheckedFrame): void {
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
    onMessage(text) {
      const frame = readClientFrame(text);
      if ("problem" in frame) refuseInvalid(frame);
      else handle(frame);
    },
    end() {
      cancelExpiry();
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
