import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { Readable, Writable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import type { RequestHandler } from "./router.ts";

export interface FetchOptions {
  /** The caller's address, where the host knows it: who is who without authentication. @defaultValue unknown */
  readonly remoteAddress?: string;
}

/**
 * A `Request` in, a `Response` out: for hosts that have no server of Node. A request whose signal is
 * aborted is no failure, which hosts would log: its response ends, or has the status 499.
 */
export type FetchHandler = (request: Request, options?: FetchOptions) => Promise<Response>;

/** As nginx has it: what nobody reads any more. */
const clientClosedRequest = 499;

/** Waiting bytes of a response, before its writer has to wait. */
const highWaterBytes = 16 * 1024;

/** A relay's handler for hosts that speak the Fetch Standard. */
export function createFetchHandler(handler: RequestHandler): FetchHandler {
  return (request, { remoteAddress } = {}) => {
    const response = new FetchResponse();
    const onAbort = (): void => response.leave();
    if (request.signal.aborted) onAbort();
    else request.signal.addEventListener("abort", onAbort);
    response.once("close", () => request.signal.removeEventListener("abort", onAbort));
    // All that the relay uses of node:http's classes.
    handler(
      messageOf(request, remoteAddress) as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    );
    return response.head;
  };
}

function messageOf(request: Request, remoteAddress: string | undefined) {
  const { pathname, search, protocol, host } = new URL(request.url);
  const body =
    request.body === null
      ? Readable.from([])
      : Readable.fromWeb(request.body as unknown as NodeReadableStream);
  // A body that breaks off is told by "close".
  body.on("error", () => {});
  return Object.assign(body, {
    method: request.method,
    url: pathname + search,
    headers: { host, ...Object.fromEntries(request.headers) },
    // Not 1: there is no connection whose end could be asked for.
    httpVersionMajor: 2,
    httpVersion: "2.0",
    socket: { remoteAddress, encrypted: protocol === "https:" },
  });
}

/** What the relay needs of a response, as the `Response` of the Fetch Standard. */
class FetchResponse extends Writable {
  readonly head: Promise<Response>;
  statusCode = 200;
  headersSent = false;
  readonly socket = null;
  readonly #headers = new Headers();
  #resolveHead: ((response: Response) => void) | undefined;
  #rejectHead: ((reason: unknown) => void) | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Called when the reader takes more. */
  #onRoom: (() => void) | undefined;
  #hasReaderLeft = false;

  constructor() {
    super({ highWaterMark: highWaterBytes, decodeStrings: true });
    this.head = new Promise((resolve, reject) => {
      this.#resolveHead = resolve;
      this.#rejectHead = reject;
    });
  }

  setHeader(name: string, value: string): this {
    this.#headers.set(name, value);
    return this;
  }

  appendHeader(name: string, value: string): this {
    this.#headers.append(name, value);
    return this;
  }

  writeHead(status: number, headers: OutgoingHttpHeaders = {}): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.#headers.set(name, String(value));
    }
    // A body's length is the host's own affair.
    this.#headers.delete("content-length");
    this.headersSent = true;
    const hasBody = status !== 204 && status !== 304;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#takeRoom(),
        cancel: () => this.leave(),
      },
      { highWaterMark: highWaterBytes, size: (chunk) => chunk.byteLength },
    );
    this.#resolveHead?.(
      new Response(hasBody ? body : null, {
        status,
        statusText: STATUS_CODES[status] ?? "",
        headers: this.#headers,
      }),
    );
    return this;
  }

  /** The reader has gone, which is no failure: hosts would log one. */
  leave(): void {
    this.#hasReaderLeft = true;
    this.destroy();
  }

  #takeRoom(): void {
    const onRoom = this.#onRoom;
    this.#onRoom = undefined;
    onRoom?.();
  }

  override _write(chunk: Buffer, _encoding: string, onWritten: () => void): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
    this.#controller?.enqueue(new Uint8Array(chunk));
    if ((this.#controller?.desiredSize ?? 1) > 0) onWritten();
    else this.#onRoom = onWritten;
  }

  override _final(onFinished: () => void): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
    try {
      this.#controller?.close();
    } catch {
      // The reader has cancelled it.
    }
    onFinished();
  }

  override _destroy(failure: Error | null, onDestroyed: (failure: Error | null) => void): void {
    this.#takeRoom();
    const reason = failure ?? new DOMException("The response was cut off.", "AbortError");
    if (!this.writableFinished) {
      try {
        if (this.#hasReaderLeft) {
          this.#resolveHead?.(new Response(null, { status: clientClosedRequest }));
          this.#controller?.close();
        } else {
          this.#rejectHead?.(reason);
          this.#controller?.error(reason);
        }
      } catch {
        // It is closed, or cancelled.
      }
    }
    onDestroyed(null);
  }
}
