import { eventStreamType, requestIdHeader, streamPath } from "@gatestream/protocol";
import { readEvents } from "./read-events.ts";
import { StreamError, type StreamErrorDetails } from "../../stream-error.ts";
import { refusalOf } from "./refusal.ts";
import type { Connection, FollowTarget, StartTarget, Transport } from "../transport.ts";

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
}: TransportOptions): Transport {
  const streamUrl = url.replace(/\/+$/, "") + streamPath;
  // Invalid headers throw here, when the client is created.
  const fixed = typeof headers === "function" ? undefined : new Headers(headers);

  /** Errors of `fetch` differ between engines; where they are thrown says what they mean. */
  async function send(
    path: string,
    own: Readonly<Record<string, string>>,
    {
      json,
      isUnwanted,
      ...init
    }: RequestInit & { readonly json?: unknown; readonly isUnwanted?: () => boolean },
  ): Promise<Response> {
    let all: Headers;
    try {
      all = new Headers(typeof headers === "function" ? await headers() : fixed);
    } catch (cause) {
      throw new StreamError("headers", "The headers option failed.", { cause });
    }
    if (isUnwanted?.()) throw new StreamError("aborted", "Cancelled.");
    try {
      for (const name in own) all.set(name, own[name] ?? "");
      // Making the headers may have taken a while, and not every fetch looks at the signal.
      init.signal?.throwIfAborted();
      return await (fetch ?? globalThis.fetch)(streamUrl + path, {
        ...init,
        body: JSON.stringify(json),
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

  function ask(
    target: StartTarget | FollowTarget,
    { signal, isUnwanted }: Connection,
  ): Promise<Response> {
    const Accept = eventStreamType;
    if ("streamId" in target) {
      const own = { Accept, "Last-Event-ID": `${target.after}` };
      return send(pathOf(target.streamId), own, { signal });
    }
    const { request: json, idempotencyKey: key } = target;
    const own = {
      Accept,
      "Content-Type": "application/json",
      ...(key && { "Idempotency-Key": key }),
    };
    return send("", own, { method: "POST", json, signal, isUnwanted });
  }

  return {
    async open(target, connection) {
      const response = await ask(target, connection);
      const { status, body } = response;
      const requestId = response.headers.get(requestIdHeader) ?? undefined;
      const broken = (details: StreamErrorDetails): StreamError =>
        new StreamError("truncated", "The answer broke off before its end.", {
          requestId,
          ...details,
        });
      if (status === 204 && "streamId" in target) throw broken({ status });
      const mediaType = mediaTypeOf(response);
      if (!response.ok || mediaType !== eventStreamType || body === null) {
        throw await refusalOf(response, `${streamUrl} (${status} ${mediaType})`, requestId);
      }
      connection.onActivity(requestId);
      await readEvents(body, { ...connection, maxEventBytes, broken });
    },
    // `keepalive`: also from a page that is being closed.
    cancel: (streamId) => send(pathOf(streamId), {}, { method: "DELETE", keepalive: true }),
  };
}

function pathOf(streamId: string): string {
  return `/${encodeURIComponent(streamId)}`;
}

/** The content type without its parameters; media types do not mind case. */
function mediaTypeOf({ headers }: Response): string | undefined {
  return headers.get("Content-Type")?.split(";")[0]?.trim().toLowerCase();
}
