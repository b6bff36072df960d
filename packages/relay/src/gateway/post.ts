import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { RelayError } from "../errors.ts";
import type { HeaderValues } from "./headers.ts";
import { TransientError } from "./retry.ts";

/** Bytes that may wait between the upstream's socket and the reader of the body. */
const highWaterBytes = 16 * 1024;
/** A request body that the client may hold until the answer has ended. */
const smallBodyBytes = 8 * 1024;
/** What a body may still send, and for how long, after its reader has had enough. */
const discardBytes = 64 * 1024;
const discardMs = 1_000;

export interface ExchangeLimits {
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** From the request to the last byte, in milliseconds. */
  readonly totalTimeoutMs: number;
}

export interface UpstreamRequest {
  /** @defaultValue `"POST"` */
  readonly method?: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Not kept once it is sent. */
  readonly body: Uint8Array;
  readonly limits: ExchangeLimits;
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

/** Asks the upstream as an {@link Exchange} that `signal` aborts until there is a response. */
export async function callUpstream(
  dispatcher: Dispatcher,
  request: UpstreamRequest,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  signal.throwIfAborted();
  const exchange = new Exchange(dispatcher, request);
  const onAbort = (): void => exchange.abort(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    return await exchange.head;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * A body that the client does not hold once it is written: it keeps a text or a buffer until the
 * answer has ended. No generator and no closure of the caller's: both would hold it.
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

/**
 * One request to the upstream, on the dispatcher's callbacks rather than on a body stream: what arrives
 * in one turn of the event loop is handed over together, without a promise. One timer for all limits:
 * what happens moves none, and a timer that is due waits for what is left.
 */
export class Exchange implements Dispatcher.DispatchHandler, UpstreamResponse {
  /**
   * Resolves with itself once there is a head.
   *
   * @throws TransientError `gateway_unavailable` when no connection came about or it broke before
   * the head, `isUnanswered` when the request had been written whole by then; `gateway_timeout` when
   * connecting took too long.
   * @throws RelayError `gateway_timeout` for the other deadlines; `gateway_interrupted` from the
   * body when it is cut; the reason when aborted.
   */
  readonly head: Promise<UpstreamResponse>;
  status = 0;
  headers: HeaderValues = {};
  readonly #limits: ExchangeLimits;
  /** Until there is a head, or a failure. */
  #caller:
    | { resolve(response: UpstreamResponse): void; reject(failure: unknown): void }
    | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #reader: BodyReader | undefined;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #hasRoom = true;
  #isPaused = false;
  #isFlushing = false;
  #state: "open" | "discarding" | "ended" | "failed" = "open";
  #failure: unknown;
  /** Whether the request is written whole as soon as there is a connection. */
  readonly #isSentAtOnce: boolean;
  #isSent = false;
  readonly #startedAt = performance.now();
  #awaited: keyof ExchangeLimits = "firstByteTimeoutMs";
  #activeAt = this.#startedAt;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    dispatcher: Dispatcher,
    { method = "POST", url, headers, body, limits }: UpstreamRequest,
  ) {
    this.#limits = limits;
    this.#isSentAtOnce = body.byteLength <= smallBodyBytes;
    this.head = new Promise((resolve, reject) => {
      this.#caller = { resolve, reject };
    });
    this.#checkDeadlines();
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        ...(method === "GET"
          ? { headers }
          : {
              headers: { ...headers, "content-length": String(body.byteLength) },
              // It takes any async iterable; its types know of streams alone.
              body: this.#isSentAtOnce ? body : (sentOnce(body, this) as unknown as Readable),
            }),
      },
      this,
    );
  }

  /** Fails when a deadline is over, and looks again when the next may be. */
  #checkDeadlines(): void {
    const { totalTimeoutMs, idleTimeoutMs } = this.#limits;
    const now = performance.now();
    const totalRestMs = this.#startedAt + totalTimeoutMs - now;
    // While the upstream is paused, the silence is ours and not the gateway's.
    const restMs = this.#isPaused ? Infinity : this.#activeAt + this.#limits[this.#awaited] - now;
    if (totalRestMs < 1) this.#fail(overdue("totalTimeoutMs", totalTimeoutMs));
    else if (restMs < 1) this.#fail(overdue(this.#awaited, this.#limits[this.#awaited]));
    // Not only then: the first byte may come meanwhile, and silence has a limit of its own.
    else
      this.#timer = setTimeout(Exchange.#check, Math.min(restMs, totalRestMs, idleTimeoutMs), this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#isSent = this.#isSentAtOnce;
    if (this.#state === "failed") abortQuietly(controller, this.#failure);
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

  #takeCaller() {
    const caller = this.#caller;
    this.#caller = undefined;
    return caller;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#state === "failed") return;
    this.#waitingBytes += chunk.length;
    if (this.#state === "discarding") {
      if (this.#waitingBytes > discardBytes) this.#fail(unwanted);
      return;
    }
    this.#chunks.push(chunk);
    this.#awaited = "idleTimeoutMs";
    this.#activeAt = performance.now();
    if (this.#waitingBytes > highWaterBytes && !this.#isPaused) {
      this.#isPaused = true;
      controller.pause();
    }
    // The rest of what has arrived is handed over with it.
    if (this.#isFlushing || this.#reader === undefined || !this.#hasRoom) return;
    this.#isFlushing = true;
    process.nextTick(Exchange.#flushOne, this);
  }

  onResponseEnd(): void {
    if (this.#state === "failed") return;
    this.#state = "ended";
    clearTimeout(this.#timer);
    if (!this.#isFlushing) this.#flush();
  }

  onResponseError(_controller: Dispatcher.DispatchController, failure: Error): void {
    // Its own abort.
    if (this.#state === "failed") return;
    this.#fail(
      this.#caller === undefined ? interrupted(failure) : notConnected(failure, this.#isSent),
    );
  }

  #fail(failure: unknown): void {
    if (this.#state === "failed" || this.#state === "ended") return;
    this.#state = "failed";
    this.#failure = failure;
    clearTimeout(this.#timer);
    if (this.#controller !== undefined) abortQuietly(this.#controller, failure);
    this.#takeCaller()?.reject(failure);
    if (!this.#isFlushing) this.#flush();
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
  #flush(): void {
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
  }

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#activeAt = performance.now();
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
    this.#timer = setTimeout(Exchange.#giveUp, discardMs, this);
    this.#goOn();
  }

  abort(reason: unknown): void {
    this.#chunks = [];
    this.#fail(reason);
    // The response may have ended before, while the reader was paused.
    this.#endReader(reason);
  }

  // What timers and ticks call, with the exchange: one closure for all, not some for each.
  static readonly #check = (exchange: Exchange): void => exchange.#checkDeadlines();
  static readonly #flushOne = (exchange: Exchange): void => exchange.#flush();
  static readonly #giveUp = (exchange: Exchange): void => exchange.#fail(unwanted);
}

/** What each deadline is for. */
const deadlines: Readonly<Record<keyof ExchangeLimits, string>> = {
  firstByteTimeoutMs: "to begin its answer",
  idleTimeoutMs: "between two pieces",
  totalTimeoutMs: "for the whole answer",
};

function overdue(option: keyof ExchangeLimits, limitMs: number): RelayError {
  const message = `The gateway took longer than ${limitMs} ms ${deadlines[option]} (${option}).`;
  return new RelayError("gateway_timeout", message);
}

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
const unwanted = new Error("Not wanted any more.");

/**
 * Aborts without stacks: undici and Node make errors of their own that nobody sees, and Node reads
 * their stacks. When many readers leave at once, that is most of what it takes.
 */
function abortQuietly(controller: Dispatcher.DispatchController, reason: unknown): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    controller.abort(reason instanceof Error ? reason : unwanted);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
