import { eventStreamType, headerNames, streamPath } from "@gatestream/protocol";
import { readEvents } from "../read-events.ts";
import { StreamError, type StreamErrorDetails } from "../stream-error.ts";
import { refusalOf } from "./refusal.ts";
import type { Transport } from "./transport.ts";

/** How the client reaches its relay. */
export interface TransportOptions {
  /** The relay's base path or URL, such as `/api/llm`. */
  readonly url: string;
  /**
   * Sent with each request; a function is asked for each one, so that a token can be fresh.
   *
   * @defaultValue none
   */
  readonly headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined;
  /** Whether cookies go along. @defaultValue `"same-origin"` */
  readonly credentials?: RequestCredentials | undefined;
  /** Your own fetch. It should honour `signal`. @defaultValue `globalThis.fetch` */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * The largest event, in bytes; a larger one ends the stream with code `protocol`.
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
  // Whoever gives what is no header hears of it now.
  const fixed = typeof headers === "function" ? undefined : new Headers(headers);

  /** What `fetch` throws differs from engine to engine; where it threw says what it means. */
  async function send(
    path: string,
    own: Readonly<Record<string, string>>,
    init: RequestInit,
  ): Promise<Response> {
    try {
      const all = new Headers(typeof headers === "function" ? await headers() : fixed);
      for (const name in own) all.set(name, own[name] ?? "");
      // Making the headers may have taken a while, and not every fetch looks at the signal.
      init.signal?.throwIfAborted();
      return await (fetch ?? globalThis.fetch)(streamUrl + path, {
        ...init,
        headers: all,
        cache: "no-store",
        ...(credentials && { credentials }),
      });
    } catch (cause) {
      throw new StreamError("network", "The relay could not be reached.", { cause });
    }
  }

  return {
    async open(target, connection) {
      const isFollowing = "streamId" in target;
      const { signal } = connection;
      const Accept = eventStreamType;
      const response = await (isFollowing
        ? send(pathOf(target.streamId), { Accept, "Last-Event-ID": `${target.after}` }, { signal })
        : send(
            "",
            {
              Accept,
              "Content-Type": "application/json",
              ...(target.idempotencyKey && { "Idempotency-Key": target.idempotencyKey }),
            },
            { method: "POST", body: JSON.stringify(target.request), signal },
          ));
      const { status, body } = response;
      const requestId = response.headers.get(headerNames.requestId) ?? undefined;
      const broken = (details: StreamErrorDetails): StreamError =>
        new StreamError("truncated", "The answer broke off before its end.", {
          requestId,
          ...details,
        });
      if (isFollowing && status === 204) throw broken({ status });
      if (!response.ok) throw await refusalOf(response);
      if (mediaTypeOf(response) !== eventStreamType || body === null) {
        throw new StreamError("protocol", "The answer is not an event stream: is this a relay?", {
          status,
          requestId,
        });
      }
      await readEvents(body, { ...connection, maxEventBytes, broken });
    },
    // Told also by a page that is being left.
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
