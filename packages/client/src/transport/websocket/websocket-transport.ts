import {
  bearerProtocolPrefix,
  socketPath,
  type ClientFrame,
  type EventFrame,
  type KnownEvent,
} from "@gatestream/protocol";
import { checkOptions, isUrl, numberOption, urlExpected } from "../../check-options.ts";
import { StreamError, type StreamErrorDetails } from "../../stream-error.ts";
import { createFetchTransport } from "../fetch/fetch-transport.ts";
import type { FollowTarget, StartTarget, Transport } from "../transport.ts";
import { refusalOf } from "./close-failure.ts";
import { exchange, isEvent } from "./exchange.ts";
import { isRefusal, openSocket, type SocketConstructor } from "./socket.ts";
import { createSocketPool } from "./socket-pool.ts";

/** How streams reach the client over one WebSocket. Only `url` is required. */
export interface WebSocketTransportOptions {
  /** The relay's base path or URL, such as `/api/llm`; a path only in a page. */
  readonly url: string;
  /**
   * A bearer token, sent as a subprotocol: a page cannot send headers with a WebSocket. A function is
   * called for each socket, so that it can be fresh. Cookies are sent automatically.
   *
   * @defaultValue none
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /**
   * How long the socket is kept when no stream uses it, in milliseconds.
   *
   * @defaultValue 10000
   */
  readonly keepOpenMs?: number | undefined;
  /** Your own WebSocket, such as that of `ws` for Node 20. @defaultValue `globalThis.WebSocket` */
  readonly WebSocket?: SocketConstructor | undefined;
}

/** The pause between attempts to open a socket, however many streams wait for one. */
const pauseMs = 1_000;

/**
 * All of a client's streams over one WebSocket, which lifts the six connections that a browser has for
 * one host over HTTP/1.1. The socket is opened with the first stream, and again after it was lost.
 *
 * @throws TypeError naming every invalid option, and what is valid.
 * @example
 * ```ts
 * const client = createClient({ transport: webSocketTransport({ url: "/api/llm" }) });
 * ```
 */
export function webSocketTransport({
  url,
  token,
  keepOpenMs = 10_000,
  WebSocket,
}: WebSocketTransportOptions): Transport {
  checkOptions(["url", isUrl(url), urlExpected], numberOption("keepOpenMs", keepOpenMs, 0));
  let refCount = 0;
  const bearerNow = async (): Promise<string | undefined> =>
    typeof token === "function" ? token() : token;
  // A socket carries streams alone.
  const { request } = createFetchTransport({
    url,
    async headers() {
      const bearer = await bearerNow();
      return bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };
    },
  });
  const pool = createSocketPool({
    keepMs: keepOpenMs,
    pauseMs,
    async open(signal) {
      let bearer: string | undefined;
      try {
        bearer = await bearerNow();
      } catch (cause) {
        throw new StreamError("headers", "The token option failed.", { cause });
      }
      try {
        return await openSocket({
          url: socketUrl(url),
          protocols: bearer === undefined ? [] : [bearerProtocolPrefix + bearer],
          WebSocket: WebSocket ?? globalThis.WebSocket,
          signal,
        });
      } catch (cause) {
        throw new StreamError("network", `No WebSocket could be opened at ${url}.`, { cause });
      }
    },
  });

  const nextRef = (): string => String((refCount += 1));

  return {
    name: "websocket",
    request,
    open(target, { signal, isUnwanted, onActivity, onEvent }) {
      let requestId: string | undefined;
      return exchange(pool, {
        ask: frameOf(target, nextRef()),
        signal,
        isUnwanted,
        onActivity,
        onFrame(frame) {
          if (isRefusal(frame)) throw refusalOf(frame);
          if (!isEvent(frame)) {
            throw brokenOff(frame.type === "done" ? { status: 204 } : { requestId });
          }
          requestId ??= frame.requestId;
          return onEvent(eventOf(frame), frame.id);
        },
      });
    },
    cancel: (streamId) =>
      exchange(pool, {
        ask: { op: "cancel", ref: nextRef(), streamId },
        onFrame(frame) {
          if (isRefusal(frame)) throw refusalOf(frame);
          return frame.type === "done";
        },
      }),
  };
}

function socketUrl(url: string): string {
  const { href } = new URL(url.replace(/\/+$/, "") + socketPath, globalThis.location?.href);
  return href.replace(/^http/, "ws");
}

function frameOf(target: StartTarget | FollowTarget, ref: string): ClientFrame {
  if ("streamId" in target) return { op: "follow", ref, ...target };
  const { request: body, idempotencyKey } = target;
  const isDetached = body.onDisconnect === "detach";
  return { op: "start", ref, body, ...(idempotencyKey && isDetached && { idempotencyKey }) };
}

function brokenOff(details: StreamErrorDetails): StreamError {
  return new StreamError("truncated", "The answer broke off before its end.", details);
}

/** The event as it is over every transport. */
function eventOf(frame: EventFrame): KnownEvent {
  if (frame.type === "start") {
    const { ref: _ref, requestId: _requestId, ...start } = frame;
    return start as KnownEvent;
  }
  const { ref: _ref, streamId: _streamId, id: _id, ...event } = frame;
  return event as KnownEvent;
}
