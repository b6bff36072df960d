import { eventStreamType, streamPath } from "@gatestream/protocol";
import { readEvents } from "./read-events.ts";
import { StreamError, type StreamErrorDetails } from "../../stream-error.ts";
import { refusalOf, requestIdOf } from "./refusal.ts";
import type { FollowTarget, RelayRequest, RequestingTransport, StartTarget } from "../transport.ts";

const jsonType = "application/json";

/** How the client reaches its relay. */
export interface TransportOptions {
  /** The relay's base path or URL, such as `/api/llm`. */
  readonly url: string;
  /**
   * Sent with each request; a function is called for each one, so that a token can be fresh.
   *
   * @defaultValue none
   */
  readonly headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined;
  /** Whether cookies are sent. @defaultValue `"same-origin"` */
  readonly credentials?: RequestCredentials | undefined;
  /** Your own fetch. It should honour `signal`. @defaultValue `globalThis.fetch` */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * The largest event, in bytes, not counting what came in one piece with the event before it; a
   * larger one ends the stream with code `protocol`.
   *
   * @defaultValue 16777216
   */
  readonly maxEventBytes?: number | undefined;
}

/** Server-Sent Events over fetch. */
export function createFetchTransport({
  url,
  headers,
  credentials,
  fetch,
  maxEventBytes = 16_777_216,
}: TransportOptions): RequestingTransport {
  const baseUrl = url.replace(/\/+$/, "");
  // What errors name: ids of streams and conversations are no business of logs.
  const streamUrl = baseUrl + streamPath;
  // Invalid headers throw here, when the client is created.
  const fixed = typeof headers === "function" ? undefined : new Headers(headers);

  /** Errors of `fetch` differ between engines; where they are thrown says what they mean. */
  async function send(
    path: string,
    { json, headers: own, isUnwanted, ...init }: RelayRequest & Pick<RequestInit, "keepalive">,
  ): Promise<Response> {
    let all: Headers;
    try {
      all = new Headers(typeof headers === "function" ? await headers() : fixed);
    } catch (cause) {
      throw new StreamError("headers", "The headers option failed.", { cause });
    }
    if (isUnwanted?.()) throw new StreamError("aborted", "Cancelled.");
    try {
      if (json) all.set("Content-Type", jsonType);
      for (const name in own) if (own[name]) all.set(name, own[name]);
      // Making the headers may have taken a while, and not every fetch looks at the signal.
      init.signal?.throwIfAborted();
      return await (fetch ?? globalThis.fetch)(baseUrl + path, {
        ...(json !== undefined && { method: "POST", body: JSON.stringify(json) }),
        ...(init as RequestInit),
        // Undefined is the same as left out, which its type does not know.
        credentials: credentials as RequestCredentials,
        headers: all,
        cache: "no-store",
      });
    } catch (cause) {
      throw new StreamError(
        "network",
        `${streamUrl} could not be reached: no network, wrong address or port, or CORS.`,
        { cause },
      );
    }
  }

  /** Throws the refusal, or the error of a response that is not a relay's. */
  async function check(response: Response, expectedType: string): Promise<void> {
    // Media types do not mind case.
    const mediaType = response.headers.get("Content-Type")?.split(";")[0]?.trim().toLowerCase();
    if (response.ok && mediaType === expectedType && response.body) return;
    throw await refusalOf(response, `${streamUrl} (${response.status} ${mediaType})`);
  }

  return {
    name: "fetch",
    async open(target, connection) {
      const {
        request: json,
        idempotencyKey,
        streamId,
        after,
      } = target as Partial<StartTarget & FollowTarget>;
      const response = await send(json ? streamPath : pathOf(streamId), {
        headers: {
          Accept: eventStreamType,
          "Idempotency-Key": json?.onDisconnect === "detach" ? idempotencyKey : "",
          "Last-Event-ID": json ? "" : `${after}`,
        },
        json,
        signal: connection.signal,
        isUnwanted: connection.isUnwanted,
      });
      const requestId = requestIdOf(response);
      const broken = (details: StreamErrorDetails): StreamError =>
        new StreamError("truncated", "The answer broke off before its end.", {
          requestId,
          ...details,
        });
      if (response.status === 204 && !json) throw broken({ status: 204 });
      await check(response, eventStreamType);
      connection.onActivity(requestId);
      // Checked: it has a body.
      await readEvents(response.body as ReadableStream, { ...connection, maxEventBytes, broken });
    },
    async request(path, options) {
      const response = await send(path, options);
      await check(response, jsonType);
      return response;
    },
    // `keepalive`: also from a page that is being closed.
    cancel: (streamId) => send(pathOf(streamId), { method: "DELETE", keepalive: true }),
  };
}

function pathOf(streamId = ""): string {
  return `${streamPath}/${encodeURIComponent(streamId)}`;
}
