import { type StartEvent, requestIdHeader, streamIdHeader } from "@gatestream/protocol";
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { RelayError } from "../errors.ts";
import type { LogBatch } from "../log/log-batch.ts";
import type { Reader } from "../stream/reader.ts";
import type { AdapterFormat } from "./adapter.ts";
import { replyWithError } from "./reply.ts";
import type { AdmittedExchange } from "./router.ts";
import { type OutputFormat, sseFormat } from "./sse.ts";

export interface HttpReaderOptions {
  readonly requestId: string;
  readonly format: AdapterFormat;
  /** Answers with a refusal. @defaultValue as PROTOCOL.md has it */
  readonly refuse?: ((error: RelayError) => void) | undefined;
  readonly expiresAt: number | undefined;
  /** What may wait for the reader before the log waits too. */
  readonly maxBufferedBytes: number;
  /** How long the client may leave data unread. */
  readonly slowConsumerTimeoutMs: number;
}

const ignore = (): void => {};

/** The response to one HTTP request as a reader. */
export class HttpReader implements Reader {
  readonly #response: ServerResponse;
  readonly #options: HttpReaderOptions;
  /** Takes chunks once the head has left with the first write. */
  #socket: Socket | undefined;
  #heartbeatMs = 0;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #writtenAt = 0;
  #slowTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isComplete = false;
  #hasLeft = false;
  #onFinished = ignore;
  onLeft = ignore;
  onRoom = ignore;
  onSlow: (error: RelayError) => void = ignore;

  constructor(response: ServerResponse, options: HttpReaderOptions) {
    this.#response = response;
    this.#options = options;
    if (response.destroyed || response.writableFinished) {
      this.#hasLeft = true;
      return;
    }
    // Not the request's `close`: on a POST that one fires when the body has been read.
    response.once("close", this.#onClose);
    response.on("timeout", destroyEnded);
  }

  get requestId(): string {
    return this.#options.requestId;
  }

  get expiresAt(): number | undefined {
    return this.#options.expiresAt;
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  get #isGone(): boolean {
    return this.#isClosed || this.#response.destroyed;
  }

  readonly #onClose = (): void => {
    const { writableEnded, writableFinished } = this.#response;
    this.#isClosed = true;
    this.#stop();
    // Over HTTP/2 a response that was reset is called finished, and never destroyed.
    if (!writableEnded || !writableFinished) {
      this.#hasLeft = true;
      this.onLeft();
    }
    this.#onFinished();
  };

  #stop(): void {
    clearTimeout(this.#heartbeatTimer);
    clearTimeout(this.#slowTimer);
    // The connection may serve other requests.
    (this.#socket ?? this.#response).off("drain", this.#onDrain);
  }

  refuse(error: RelayError): void {
    const { refuse } = this.#options;
    if (refuse === undefined) replyWithError(this.#response, error, this.requestId);
    else refuse(error);
  }

  open(start: StartEvent): void {
    if (this.#isGone) return;
    const { requestId, format } = this.#options;
    this.#response.writeHead(200, {
      "Content-Type": format.mediaType,
      "Cache-Control": "no-cache, no-store, no-transform",
      "X-Accel-Buffering": "no",
      "X-Content-Type-Options": "nosniff",
      // A stream that is only a failure has none.
      ...(start.streamId !== "" && { [streamIdHeader]: start.streamId }),
      [requestIdHeader]: requestId,
      ...format.headers,
    });
    // The head leaves with it.
    this.#response.write(format.begin(start));
    this.#socket = chunkSocketOf(this.#response);
    // A stream may be silent for long, and node:http would move its timer with each write. The next
    // request of the connection sets it again.
    this.#socket?.setTimeout(0);
    (this.#socket ?? this.#response).on("drain", this.#onDrain);
    this.#heartbeatMs = start.heartbeatMs;
    this.#writtenAt = performance.now();
    this.#awaitSilence(start.heartbeatMs);
  }

  /** Events move no timer: when it is due, it waits for what is left. */
  #awaitSilence(restMs: number): void {
    this.#heartbeatTimer = setTimeout(HttpReader.#checkSilence, restMs, this);
  }

  // One closure for all readers.
  static readonly #checkSilence = (reader: HttpReader): void => {
    const restMs = reader.#writtenAt + reader.#heartbeatMs - performance.now();
    if (restMs >= 1) {
      reader.#awaitSilence(restMs);
    } else {
      reader.#send(reader.#options.format.heartbeat);
      reader.#writtenAt = performance.now();
      reader.#awaitSilence(reader.#heartbeatMs);
    }
  };

  write(batch: LogBatch): boolean {
    // A destroyed socket never drains; after the end it is the next response's.
    if (this.#isOver) return true;
    this.#writtenAt = performance.now();
    // What is left of the response leaves with the last events.
    if (batch.isLast) {
      this.#isComplete = true;
      this.#socket?.cork();
    }
    const { format } = this.#options;
    let hasRoom: boolean;
    if (format !== sseFormat) hasRoom = this.#send(format.encode(batch.events, batch.firstId));
    else if (this.#socket === undefined) hasRoom = this.#response.write(batch.frames);
    else hasRoom = this.#writeChunk(this.#socket, batch.chunk, batch.isAscii);
    if (format.isOver === true) {
      void this.end();
      this.#hasLeft = true;
      this.onLeft();
      return true;
    }
    if (hasRoom || this.#response.writableLength <= this.#options.maxBufferedBytes) return true;
    this.#slowTimer ??= setTimeout(this.#onOverdue, this.#options.slowConsumerTimeoutMs);
    return false;
  }

  get #isOver(): boolean {
    return this.#isGone || this.#response.writableEnded;
  }

  #send(text: string): boolean {
    if (text === "" || this.#isOver) return true;
    if (this.#socket === undefined) return this.#response.write(text);
    const bytes = Buffer.byteLength(text);
    const chunk = `${bytes.toString(16)}\r\n${text}\r\n`;
    return this.#writeChunk(this.#socket, chunk, bytes === text.length);
  }

  /**
   * Writes a chunk of HTTP/1.1 as one piece, where node:http writes its length, its text and the line
   * breaks as four: a paced token costs the relay a seventh less CPU.
   */
  #writeChunk(socket: Socket, chunk: string, isAscii: boolean): boolean {
    // Text leaves with one copy; what waits is kept as the bytes that it is counted in.
    const encoding = isAscii ? "latin1" : "utf8";
    if (socket.writableLength > 0) return socket.write(Buffer.from(chunk, encoding));
    return socket.write(chunk, encoding);
  }

  readonly #onDrain = (): void => {
    if (this.#slowTimer === undefined) return;
    clearTimeout(this.#slowTimer);
    this.#slowTimer = undefined;
    this.onRoom();
  };

  readonly #onOverdue = (): void => {
    this.#slowTimer = undefined;
    const { maxBufferedBytes, slowConsumerTimeoutMs } = this.#options;
    this.onSlow(
      new RelayError(
        "slow_consumer",
        `The client did not catch up within ${slowConsumerTimeoutMs} ms with more than ${maxBufferedBytes} bytes.`,
      ),
    );
  };

  drop(): void {
    this.#response.destroy();
  }

  end(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    const { cutsUnfinished = false, isOver = false } = this.#options.format;
    if (cutsUnfinished && !isOver && !this.#isComplete) {
      this.drop();
      return Promise.resolve();
    }
    this.#stop();
    const response = this.#response.end();
    // The system has taken all of it.
    if (response.writableFinished) return Promise.resolve();
    // A reader who does not read what is left would keep the connection.
    this.#slowTimer = setTimeout(() => this.drop(), this.#options.slowConsumerTimeoutMs);
    return new Promise<void>((resolve) => {
      this.#onFinished = () => {
        clearTimeout(this.#slowTimer);
        resolve();
      };
      response.once("finish", this.#onFinished);
    });
  }
}

/** A stream may be silent for long: a server's timeout for idle connections is not for it. */
function destroyEnded(this: ServerResponse): void {
  if (this.writableEnded) this.destroy();
}

/**
 * The socket that takes chunks of a response whose head has left; undefined where only the response
 * can write: over HTTP/1.0 and HTTP/2, and where middleware, such as compression, stands in between.
 */
function chunkSocketOf(response: ServerResponse): Socket | undefined {
  const isUntouched = response.write === ServerResponse.prototype.write;
  return isUntouched && response.chunkedEncoding ? (response.socket ?? undefined) : undefined;
}

export interface ReaderParts {
  readonly formats: readonly [OutputFormat, ...OutputFormat[]];
  readonly endOnTokenExpiry: boolean;
  readonly maxBufferedBytes: number;
  readonly slowConsumerTimeoutMs: number;
}

/**
 * The reader at the other end of an exchange.
 *
 * @throws RelayError `invalid_request` behind another stream on the same connection.
 */
export function createReader(
  parts: ReaderParts,
  exchange: AdmittedExchange,
  given: Partial<Pick<HttpReaderOptions, "format" | "refuse">> = {},
): Reader {
  const { request, response, requestId, caller } = exchange;
  const { maxBufferedBytes, slowConsumerTimeoutMs } = parts;
  refusePipelined(request, response);
  return new HttpReader(response, {
    requestId,
    format: given.format ?? chooseFormat(parts.formats, request.headers.accept),
    refuse: given.refuse,
    expiresAt: parts.endOnTokenExpiry ? caller.expiresAt : undefined,
    maxBufferedBytes,
    slowConsumerTimeoutMs,
  });
}

/**
 * Behind a stream on the same connection a response has no socket yet, and is not notified when its
 * reader has left. HTTP/2 has a stream for each.
 */
export function refusePipelined(request: IncomingMessage, response: ServerResponse): void {
  if (request.httpVersionMajor > 1 || response.socket !== null) return;
  throw new RelayError("invalid_request", "A connection carries one stream at a time.");
}

/** The first format that `Accept` names; the default for those who do not mind. */
function chooseFormat(
  formats: readonly [OutputFormat, ...OutputFormat[]],
  accept = "",
): OutputFormat {
  return formats.find(({ mediaType }) => accept.includes(mediaType)) ?? formats[0];
}
