import { eventStreamType, headerNames, streamPath, type StreamRequest } from "@gatestream/protocol";
import { StreamError } from "../stream-error.ts";
import { refusalOf } from "./refusal.ts";

export interface TransportOptions {
  /** The relay's base path or URL, such as `/api/llm`. */
  readonly url: string;
  /**
   * Sent with each request; a function is asked each time, so that a token can be fresh.
   *
   * @defaultValue none
   */
  readonly headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined;
  /** Whether cookies go along. @defaultValue `"same-origin"` */
  readonly credentials?: RequestCredentials | undefined;
  /** @defaultValue `globalThis.fetch` */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Starts a stream; resolves with its body once the relay has accepted. */
export type Transport = (
  request: StreamRequest,
  signal: AbortSignal,
) => Promise<ReadableStream<Uint8Array>>;

/** @throws StreamError `network`, `protocol`, or what the relay refused with. */
export function createFetchTransport(options: TransportOptions): Transport {
  const streamUrl = options.url.replace(/\/+$/, "") + streamPath;
  return async (request, signal) => {
    const headers = await requestHeaders(options.headers);
    // Making the headers may have taken a while, and not every fetch looks at the signal.
    signal.throwIfAborted();
    const response = await send(options.fetch ?? globalThis.fetch, streamUrl, {
      method: "POST",
      headers,
      body: JSON.stringify(request),
      signal,
      cache: "no-store",
      ...(options.credentials && { credentials: options.credentials }),
    });
    if (!response.ok) throw await refusalOf(response);
    if (mediaTypeOf(response) !== eventStreamType || response.body === null) {
      throw new StreamError("protocol", "The answer is not an event stream: is this a relay?", {
        status: response.status,
        requestId: response.headers.get(headerNames.requestId) ?? undefined,
      });
    }
    return response.body;
  };
}

/** The content type without its parameters; media types do not mind case. */
function mediaTypeOf({ headers }: Response): string | undefined {
  return headers.get("Content-Type")?.split(";")[0]?.trim().toLowerCase();
}

async function requestHeaders(given: TransportOptions["headers"]): Promise<Headers> {
  try {
    const headers = new Headers(typeof given === "function" ? await given() : given);
    headers.set("Content-Type", "application/json");
    headers.set("Accept", eventStreamType);
    return headers;
  } catch (cause) {
    throw new StreamError("network", "The client's headers option failed.", { cause });
  }
}

/** What `fetch` throws differs from engine to engine; where it threw says what it means. */
async function send(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new StreamError("network", "The relay could not be reached.", { retryable: true, cause });
  }
}
