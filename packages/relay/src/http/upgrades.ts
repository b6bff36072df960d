import { socketPath } from "@gatestream/protocol";
import { type IncomingMessage, ServerResponse } from "node:http";
import { Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type Caller, admit } from "../access/caller.ts";
import { RelayError, type RelayErrorOptions, drainingError, toRelayError } from "../errors.ts";
import type { RelayContext } from "../stream/answer-request.ts";
import { within } from "../timers.ts";
import { replyWithError } from "./reply.ts";
import { type Admission, type Route, requestIdOf } from "./router.ts";

/** Another way than HTTP to start, follow and cancel streams, such as `webSocket()`. */
export interface UpgradeTransport {
  /** Where clients ask for it, below the base path: `/socket`. */
  readonly path: string;
  /** Called once by each relay. */
  open(relay: RelayContext): OpenTransport;
}

/** The connections that a transport has opened in one relay. */
export interface OpenTransport {
  /**
   * Takes over the connection; the socket may be gone at any moment. What it throws is answered over
   * HTTP, so it throws only while nothing has been written.
   */
  upgrade(upgrade: TransportUpgrade): Promise<void>;
  /** Asks clients to close their connections; the relay destroys those that stay open. */
  close(): Promise<void>;
}

/** A request for another protocol, whose host and origin may ask. */
export interface TransportUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the request already. */
  readonly head: Buffer;
  readonly requestId: string;
  /** The path that was asked for, as it may be logged. */
  readonly path: string;
  /**
   * Who asks.
   *
   * @throws RelayError why they may not.
   */
  admit(): Promise<Caller>;
}

/**
 * Handles an `upgrade` of node:http: opens a WebSocket at `{base}/socket`, or refuses. Returns
 * whether the request was handled; if not, it has not been touched. As the only listener of a
 * server, `server.on("upgrade", relay.upgrade)`, it handles every request: there is no other listener.
 */
export type UpgradeHandler = (
  this: unknown,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
) => boolean;

/** As node:http gives it to `upgrade`. */
type UpgradeRequest = Omit<TransportUpgrade, "admit">;

/** How long transports and their clients may take to close. */
const closeTimeoutMs = 1_000;

/** Hands each upgrade request to the transport at its path, and answers all others. */
export function createUpgrades(
  relay: RelayContext,
  transports: readonly UpgradeTransport[],
  { checkHost, checkOrigin, authenticate }: Admission,
) {
  const opened = new Map<string, OpenTransport | undefined>([
    [relay.basePath + socketPath, undefined],
    ...transports.map((each) => [relay.basePath + each.path, each.open(relay)] as const),
  ]);
  const sockets = new Set<Duplex>();

  async function open(upgrade: UpgradeRequest): Promise<void> {
    const { request, socket, requestId, path } = upgrade;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    try {
      checkHost(request);
      const grant = checkOrigin(request.headers);
      const transport = opened.get(path);
      if (transport === undefined) throw noWebSocket();
      await transport.upgrade({
        ...upgrade,
        async admit() {
          if (relay.streams.isDraining) throw drainingError();
          return admit(authenticate, request, grant);
        },
      });
    } catch (failure) {
      const error = toRelayError(failure);
      const { method = "" } = request;
      relay.observe({ type: "request_refused", requestId, method, path, error });
      refuseUpgrade(upgrade, error);
    }
  }

  const upgrade: UpgradeHandler = function (request, socket, head) {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const isOurs = opened.has(path);
    // An emitter calls its listeners with itself as `this`.
    const server = this instanceof Server && this.listenerCount("upgrade") === 1 ? this : null;
    if (!isOurs && server === null) return false;
    // The socket has no other listener now, and an unhandled error ends the process.
    if (socket.listenerCount("error") === 0) socket.on("error", () => socket.destroy());
    const asked = { request, socket, head, requestId: requestIdOf(request), path };
    if (hasUnfinishedResponse(request)) socket.destroy();
    else if (isOurs) void open(asked);
    else if (request.headers.upgrade?.toLowerCase() === "websocket") {
      refuseUpgrade(asked, new RelayError("not_found", "There is no WebSocket at this path."));
    } else if (server !== null) parseAgain(server, asked);
    return true;
  };

  return {
    upgrade,
    /** What a request is answered that asks for no upgrade where one is due. */
    routesAt(path: string): readonly Route[] {
      const transport = opened.get(relay.basePath + path);
      if (transport === undefined && !opened.has(relay.basePath + path)) return [];
      const error = transport === undefined ? noWebSocket() : upgradeRequired();
      return [{ method: "GET", run: () => Promise.reject(error) }];
    },
    /** Closes every connection, without waiting for streams. */
    async close() {
      const closing = Array.from(opened.values(), async (transport) => transport?.close());
      const closed = [...sockets].map(
        (socket) => new Promise((resolve) => socket.once("close", resolve)),
      );
      await within(closeTimeoutMs, Promise.allSettled([...closing, ...closed]));
      // Where a transport, or its client, does not close in time.
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/** The answer to a request without an upgrade, where a transport exists. */
function upgradeRequired(): RelayError {
  return new RelayError("invalid_request", "Only a WebSocket can be opened here.", {
    status: 426,
    headers: { Upgrade: "websocket" },
  });
}

/** The answer where no transport exists. */
export function noWebSocket(options: RelayErrorOptions = {}): RelayError {
  return new RelayError(
    "not_found",
    'This relay opens no WebSockets: they need the package "@gatestream/relay-websocket".',
    options,
  );
}

/**
 * Whether an earlier request on the connection of `request` has not been answered completely. node:http
 * emits `upgrade` for a pipelined request without waiting for that answer. Then nothing else can be
 * written to the socket, and no second HTTP parser may be attached to it.
 */
function hasUnfinishedResponse(request: IncomingMessage): boolean {
  const probe = new ServerResponse(request);
  try {
    probe.assignSocket(request.socket);
  } catch {
    // ERR_HTTP_SOCKET_ASSIGNED: the socket belongs to the earlier response.
    return true;
  }
  probe.detachSocket(request.socket);
  return false;
}

/** Answers over HTTP instead, and closes the connection. */
function refuseUpgrade({ request, socket, requestId }: UpgradeRequest, error: RelayError): void {
  if (socket.destroyed || !(socket instanceof Socket)) {
    socket.destroy();
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => socket.destroySoon());
  replyWithError(response, error, requestId);
}

/**
 * Answers a request that offers another protocol as if it did not. A server may ignore the offer (RFC
 * 9110, "Upgrade"), and must: some clients offer HTTP/2 with every request. node:http gives all of them
 * to a server that listens to `upgrade` and cannot take them back; so the request is parsed again,
 * without its offer.
 */
function parseAgain(server: Server, { request, socket, head }: UpgradeRequest): void {
  if (socket.destroyed || !(socket instanceof Socket)) {
    socket.destroy();
    return;
  }
  const { method = "", url = "", httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (/^(?:upgrade|connection|http2-settings)$/i.test(name)) continue;
    text += `${name}: ${rawHeaders[index + 1] ?? ""}\r\n`;
  }
  // What is unshifted last is read first.
  if (head.length > 0) socket.unshift(head);
  socket.unshift(Buffer.from(`${text}\r\n`, "latin1"));
  server.emit(socket instanceof TLSSocket ? "secureConnection" : "connection", socket);
}
