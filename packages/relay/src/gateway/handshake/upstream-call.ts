import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { RelayError } from "../../errors.ts";
import type { HeaderValues } from "./response-headers.ts";
import { TransientError } from "./transient-error.ts";

/** Bytes that may wait between the upstream's socket and whoever reads the body. */
const highWaterBytes = 16 * 1024;
/** What a body may still send, and for how long, after its reader has had enough. */
const discardBytes = 64 * 1024;
const discardMs = 1_000;

export interface UpstreamRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Not kept once it is sent. */
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** From now to the last byte, in milliseconds. */
  readonly totalTimeoutMs: number;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly headers: HeaderValues;
  /**
   * Each item holds every chunk that has arrived since the last. Leaving the loop early lets a
   * body that is as good as over finish, so that its connection can serve the next request.
   */
  readonly body: AsyncIterable<readonly Uint8Array[]>;
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
  request: UpstreamRequest,
): Promise<UpstreamResponse> {
  return new Promise((resolve, reject) => {
    if (request.signal.aborted) {
      reject(request.signal.reason);
      return;
    }
    const { url, body, ...rest } = request;
    const headers = { ...rest.headers, "content-length": String(body.byteLength) };
    const exchange = new Exchange(rest, resolve, reject);
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: "POST",
        headers,
        // It takes any async iterable; its types know of streams alone.
        body: sentOnce(body, exchange) as unknown as Readable,
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

type ExchangeSettings = Omit<UpstreamRequest, "url" | "body">;

/** Who has asked for the next bytes. */
interface WaitingReader {
  readonly resolve: (result: IteratorResult<readonly Uint8Array[], undefined>) => void;
  readonly reject: (failure: unknown) => void;
}

/**
 * One request on the dispatcher's callbacks rather than on a body stream: what arrives in one turn
 * of the event loop is handed over at once, with one promise, however many chunks it was.
 */
class Exchange implements Dispatcher.DispatchHandler, AsyncIterator<readonly Uint8Array[]> {
  readonly #request: ExchangeSettings;
  readonly #resolveHead: (response: UpstreamResponse) => void;
  readonly #rejectHead: (failure: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #state: "open" | "discarding" | "ended" | "failed" = "open";
  #failure: unknown;
  #reader: WaitingReader | undefined;
  #isSent = false;
  #hasHead = false;
  #hasBytes = false;
  #silence: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;

  constructor(
    request: ExchangeSettings,
    resolveHead: (response: UpstreamResponse) => void,
    rejectHead: (failure: unknown) => void,
  ) {
    this.#request = request;
    this.#resolveHead = resolveHead;
    this.#rejectHead = rejectHead;
    this.#silence = this.#deadline("firstByteTimeoutMs", "to begin its answer");
    this.#total = this.#deadline("totalTimeoutMs", "for the whole answer");
    request.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => this.#fail(this.#request.signal.reason);

  #deadline(
    option: "firstByteTimeoutMs" | "idleTimeoutMs" | "totalTimeoutMs",
    meaning: string,
  ): NodeJS.Timeout {
    const limitMs = this.#request[option];
    return setTimeout(() => {
      const message = `The gateway took longer than ${limitMs} ms ${meaning} (${option}).`;
      this.#fail(new RelayError("gateway_timeout", message));
    }, limitMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
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
    this.#hasHead = true;
    this.#resolveHead({ status, headers, body: { [Symbol.asyncIterator]: () => this } });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#state === "failed") return;
    this.#waitingBytes += chunk.length;
    if (this.#state === "discarding") {
      if (this.#waitingBytes > discardBytes) this.#fail(new Error("The rest was not wanted."));
      return;
    }
    const isFirstOfTurn = this.#chunks.push(chunk) === 1;
    if (this.#hasBytes) {
      this.#silence.refresh();
    } else {
      this.#hasBytes = true;
      clearTimeout(this.#silence);
      this.#silence = this.#deadline("idleTimeoutMs", "between two pieces");
    }
    if (this.#waitingBytes > highWaterBytes) {
      controller.pause();
      // The silence is ours now, not the gateway's.
      clearTimeout(this.#silence);
    }
    // The rest of what has arrived is handed over with it.
    if (isFirstOfTurn && this.#reader !== undefined) process.nextTick(this.#serve);
  }

  onResponseEnd(): void {
    if (this.#state === "failed") return;
    this.#state = "ended";
    this.#settle();
  }

  onResponseError(_controller: Dispatcher.DispatchController, failure: Error): void {
    this.#fail(this.#hasHead ? interrupted(failure) : notConnected(failure, this.#isSent));
  }

  #fail(failure: unknown): void {
    if (this.#state === "failed" || this.#state === "ended") return;
    this.#state = "failed";
    this.#failure = failure;
    this.#settle();
    this.#rejectHead(failure);
    this.#controller?.abort(asError(failure));
  }

  #settle(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#total);
    this.#request.signal.removeEventListener("abort", this.#onAbort);
    this.#serve();
  }

  next(): Promise<IteratorResult<readonly Uint8Array[], undefined>> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#serve();
    });
  }

  /** Hands the reader that waits what is there, or how it ended. */
  readonly #serve = (): void => {
    const reader = this.#reader;
    if (reader === undefined || (this.#chunks.length === 0 && this.#state === "open")) return;
    this.#reader = undefined;
    if (this.#chunks.length > 0) reader.resolve({ done: false, value: this.#take() });
    else if (this.#state === "failed") reader.reject(this.#failure);
    else reader.resolve({ done: true, value: undefined });
  };

  #take(): readonly Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    const wasPaused = this.#waitingBytes > highWaterBytes;
    this.#waitingBytes = 0;
    if (wasPaused && this.#state !== "ended") {
      if (this.#state === "open") {
        // A timer that was cleared cannot be refreshed.
        this.#silence = this.#deadline("idleTimeoutMs", "between two pieces");
      }
      this.#controller?.resume();
    }
    return chunks;
  }

  async return(): Promise<IteratorResult<readonly Uint8Array[], undefined>> {
    if (this.#state === "open") {
      this.#state = "discarding";
      clearTimeout(this.#silence);
      this.#silence = setTimeout(() => this.#fail(new Error("The rest did not come.")), discardMs);
      this.#take();
      this.#serve();
    }
    return { done: true, value: undefined };
  }
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
    ? new TransientError(
        "gateway_timeout",
        "The gateway took longer than allowed to connect (connectTimeoutMs).",
        { cause },
      )
    : new TransientError("gateway_unavailable", "The gateway could not be reached.", { cause });
}

/** undici wants an `Error`; a signal's reason may be anything. */
function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("Aborted.", { cause: reason });
}
