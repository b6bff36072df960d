import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { RelayError } from "../errors.ts";
import { IdleTimer } from "../timers.ts";
import type { HeaderValues } from "./headers.ts";
import { TransientError } from "./retry.ts";

/** Bytes that may wait between the upstream's socket and the reader of the body. */
const highWaterBytes = 16 * 1024;
/** A request body that the client may hold until the answer has ended. */
const smallBodyBytes = 8 * 1024;
/** What a body may still send, and for how long, after its reader has had enough. */
const discardBytes = 64 * 1024;
const discardMs = 1_000;

export interface UpstreamRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Not kept once it is sent. */
  readonly body: Uint8Array;
  /** Aborts the request until there is a response. */
  readonly signal: AbortSignal;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** From now to the last byte, in milliseconds. */
  readonly totalTimeoutMs: number;
}

/** Takes the bytes of a body. */
export interface BodyReader {
  /** Takes what arrived together; false: nothing more until {@link UpstreamResponse.resume}. */
  data(bytes: Uint8Array): boolean;
  /** Called once, last: the body is complete, or broke off with `failure`. */
  end(failure?: unknown): void;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly headers: HeaderValues;
  /** Starts to read the body; what has arrived comes at once. */
  read(reader: BodyReader): void;
  /** The reader can take more data. */
  resume(): void;
  /**
   * The rest is not wanted, and the reader is not called any more. A body that is as good as over may
   * finish, so that its connection can serve the next request.
   */
  discard(): void;
  /** Breaks the exchange off; the reader ends with `reason` at once. */
  abort(reason: unknown): void;
}

/**
 * POSTs to the upstream; resolves with its head.
 *
 * @throws TransientError `gateway_unavailable` when no connection came about or it broke before
 * the head, `isUnanswered` when the request had been written whole by then; `gateway_timeout` when
 * connecting took too long.
 * @throws RelayError `gateway_timeout` for the other deadlines; `gateway_interrupted` from the
 * body when it is cut; the signal's reason when aborted.
 */
export function callUpstream(
  dispatcher: Dispatcher,
  { url, headers, body, signal, ...limits }: UpstreamRequest,
): Promise<UpstreamResponse> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const isSmall = body.byteLength <= smallBodyBytes;
    const exchange = new Exchange(limits, { isSentAtOnce: isSmall, signal, resolve, reject });
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: "POST",
        headers: { ...headers, "content-length": String(body.byteLength) },
        // It takes any async iterable; its types know of streams alone.
        body: isSmall ? body : (sentOnce(body, exchange) as unknown as Readable),
      },
      exchange,
    );
  });
}

/**
 * A body that the client does not hold once it is written: it keeps a text or a buffer until the
 * answer has ended. No generator and no closure of the
 * caller's: both would hold it.
 */
function sentOnce(body: Uint8Array, exchange: Exchange): AsyncIterable<Uint8Array> {
  let unsent: Uint8Array | undefined = body;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const value = unsent;
        unsent = undefined;
        if (value !== undefined) return { done: false, value };
        exchange.onRequestSent();
        return { done: true, value };
      },
    }),
  };
}

type Limits = Pick<UpstreamRequest, "firstByteTimeoutMs" | "idleTimeoutMs" | "totalTimeoutMs">;

/** Who waits for the head. */
interface Caller {
  /** Whether the request is written whole as soon as there is a connection. */
  readonly isSentAtOnce: boolean;
  readonly signal: AbortSignal;
  resolve(response: UpstreamResponse): void;
  reject(failure: unknown): void;
}

/**
 * One request on the dispatcher's callbacks rather than on a body stream: what arrives in one turn
 * of the event loop is handed over together, without a promise.
 */
class Exchange implements Dispatcher.DispatchHandler, UpstreamResponse {
  status = 0;
  headers: HeaderValues = {};
  readonly #limits: Limits;
  /** Until there is a head, or a failure. */
  #caller: Caller | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #reader: BodyReader | undefined;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #hasRoom = true;
  #isPaused = false;
  #isFlushing = false;
  #state: "open" | "discarding" | "ended" | "failed" = "open";
  #failure: unknown;
  #isSent = false;
  /** Until the first byte, and of what is discarded. */
  #timer: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;
  #idle: IdleTimer | undefined;

  constructor(limits: Limits, caller: Caller) {
    this.#limits = limits;
    this.#caller = caller;
    this.#timer = setTimeout(this.#onOverdue, limits.firstByteTimeoutMs, "firstByteTimeoutMs");
    this.#total = setTimeout(this.#onOverdue, limits.totalTimeoutMs, "totalTimeoutMs");
    caller.signal.addEventListener("abort", this);
  }

  /** The caller's signal is aborted. */
  handleEvent(): void {
    this.abort(this.#caller?.signal.reason);
  }

  #takeCaller(): Caller | undefined {
    const caller = this.#caller;
    this.#caller = undefined;
    caller?.signal.removeEventListener("abort", this);
    return caller;
  }

  readonly #onOverdue = (option: keyof Limits): void => {
    const message = `The gateway took longer than ${this.#limits[option]} ms ${deadlines[option]} (${option}).`;
    this.#fail(new RelayError("gateway_timeout", message));
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#isSent = this.#caller?.isSentAtOnce === true;
    if (this.#state === "failed") controller.abort(asError(this.#failure));
  }

  /** Every byte of the request has been written. */
  onRequestSent(): void {
    this.#isSent = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: HeaderValues,
  ): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
    this.#takeCaller()?.resolve(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#state === "failed") return;
    this.#waitingBytes += chunk.length;
    if (this.#state === "discarding") {
      if (this.#waitingBytes > discardBytes) this.#fail(new Error("The rest was not wanted."));
      return;
    }
    this.#chunks.push(chunk);
    if (this.#idle === undefined) {
      clearTimeout(this.#timer);
      this.#idle = new IdleTimer(this.#limits.idleTimeoutMs, this.#onIdle);
      this.#idle.start();
    } else {
      this.#idle.markActivity();
    }
    if (this.#waitingBytes > highWaterBytes && !this.#isPaused) {
      this.#isPaused = true;
      controller.pause();
      // The silence is ours now, not the gateway's.
      this.#idle.stop();
    }
    // The rest of what has arrived is handed over with it.
    if (this.#isFlushing || this.#reader === undefined || !this.#hasRoom) return;
    this.#isFlushing = true;
    process.nextTick(this.#flush);
  }

  readonly #onIdle = (): void => this.#onOverdue("idleTimeoutMs");

  onResponseEnd(): void {
    if (this.#state === "failed") return;
    this.#state = "ended";
    this.#stopTimers();
    if (!this.#isFlushing) this.#flush();
  }

  onResponseError(_controller: Dispatcher.DispatchController, failure: Error): void {
    this.#fail(
      this.#caller === undefined ? interrupted(failure) : notConnected(failure, this.#isSent),
    );
  }

  #fail(failure: unknown): void {
    if (this.#state === "failed" || this.#state === "ended") return;
    this.#state = "failed";
    this.#failure = failure;
    this.#stopTimers();
    this.#controller?.abort(asError(failure));
    this.#takeCaller()?.reject(failure);
    if (!this.#isFlushing) this.#flush();
  }

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#total);
    this.#idle?.stop();
  }

  read(reader: BodyReader): void {
    this.#reader = reader;
    this.#flush();
  }

  resume(): void {
    this.#hasRoom = true;
    if (!this.#isFlushing) this.#flush();
  }

  /** Hands over what is there, then how it ended. */
  readonly #flush = (): void => {
    this.#isFlushing = false;
    while (this.#reader !== undefined && this.#hasRoom && this.#chunks.length > 0) {
      const bytes = joined(this.#chunks);
      this.#chunks = [];
      this.#waitingBytes = 0;
      this.#hasRoom = this.#reader.data(bytes);
    }
    if (this.#chunks.length > 0) return;
    this.#goOn();
    // What waited behind the pause has come by now.
    if (this.#chunks.length > 0) return;
    if (this.#reader !== undefined && (this.#state === "ended" || this.#state === "failed")) {
      this.#endReader(this.#failure);
    }
  };

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#state === "open") this.#idle?.start();
    if (this.#state === "open" || this.#state === "discarding") this.#controller?.resume();
  }

  #endReader(failure: unknown): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.end(failure);
  }

  discard(): void {
    this.#reader = undefined;
    this.#chunks = [];
    if (this.#state !== "open") return;
    this.#state = "discarding";
    this.#waitingBytes = 0;
    clearTimeout(this.#timer);
    this.#idle?.stop();
    this.#timer = setTimeout(() => this.#fail(new Error("The rest did not come.")), discardMs);
    this.#goOn();
  }

  abort(reason: unknown): void {
    this.#chunks = [];
    this.#fail(reason);
    // The response may have ended before, while the reader was paused.
    this.#endReader(reason);
  }
}

/** What each deadline is for. */
const deadlines: Readonly<Record<keyof Limits, string>> = {
  firstByteTimeoutMs: "to begin its answer",
  idleTimeoutMs: "between two pieces",
  totalTimeoutMs: "for the whole answer",
};

/** Cut into lines at once, what arrived in small chunks costs less than chunk by chunk. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}

function interrupted(cause: Error): RelayError {
  return new RelayError(
    "gateway_interrupted",
    "The connection to the gateway broke before the answer was complete.",
    { cause },
  );
}

function notConnected(cause: Error & { code?: unknown }, isSent: boolean): TransientError {
  if (isSent) {
    return new TransientError(
      "gateway_unavailable",
      "The connection to the gateway broke before it answered.",
      { cause, isUnanswered: true },
    );
  }
  return cause.code === "UND_ERR_CONNECT_TIMEOUT"
    ? new TransientError("gateway_timeout", "The gateway took longer than allowed to connect.", {
        cause,
      })
    : new TransientError("gateway_unavailable", "The gateway could not be reached.", { cause });
}

/** undici wants an `Error`; a reason may be anything, and nobody sees this one. */
const aborted = new Error("Aborted.");

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : aborted;
}
