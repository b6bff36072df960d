import { socketPath } from "@gatestream/protocol";
import type { IncomingMessage } from "node:http";
import { Server } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { admit } from "../access/caller.ts";
import type { Authenticate, Caller } from "../access/caller.ts";
import type { CheckHost } from "../access/origins.ts";
import type { CheckOrigin } from "../access/origins.ts";
import { RelayError, type RelayErrorOptions, toRelayError } from "../errors.ts";
import type { IncomingTrace } from "../observe/trace.ts";
import { drainingError } from "../stream/streams.ts";
import { type RequestParts, traceOf } from "./answer-request.ts";
import {
  type UpgradeRequest,
  answerOtherUpgrade,
  hasUnfinishedResponse,
  refuseUpgrade,
} from "./other-upgrade.ts";
import { type AdmittedExchange, type Route, requestIdOf } from "./router.ts";

export interface UpgradeParts extends TransportContext {
  readonly transports: readonly UpgradeTransport[];
  readonly checkHost: CheckHost;
  readonly checkOrigin: CheckOrigin;
  readonly authenticate: Authenticate;
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

/** The relay's connections that have been upgraded from HTTP. */
export interface Upgrades {
  readonly upgrade: UpgradeHandler;
  /** What a request is answered that asks for no upgrade where one is due. */
  readonly routes: readonly Route<AdmittedExchange>[];
  /** Closes every connection, without waiting for streams. */
  close(): Promise<void>;
}

/** How long transports and their clients may take to close. */
const closeTimeoutMs = 1_000;

/** Hands each upgrade request to the transport at its path, and answers all others. */
export function createUpgrades({ transports, ...parts }: UpgradeParts): Upgrades {
  const { basePath, observe, streams } = parts;
  const opened = new Map<string, OpenTransport | undefined>([
    [basePath + socketPath, undefined],
    ...transports.map((each) => [basePath + each.path, each.open(parts)] as const),
  ]);
  const sockets = new Set<Duplex>();

  async function openConnection(
    path: string,
    upgrade: UpgradeRequest,
    requestId: string,
  ): Promise<void> {
    const { request } = upgrade;
    parts.checkHost(request);
    const grant = parts.checkOrigin(request.headers);
    const transport = opened.get(path);
    if (transport === undefined) throw noWebSocket();
    await transport.upgrade({
      ...upgrade,
      requestId,
      path,
      incomingTrace: traceOf(request.headers),
      async admit() {
        if (streams.isDraining) throw drainingError();
        return admit(parts.authenticate, request, grant);
      },
    });
  }

  return {
    upgrade(request, socket, head) {
      const [target = ""] = (request.url ?? "").split("?", 1);
      const isOurs = opened.has(target);
      // An emitter calls its listeners with itself as `this`.
      const server = this instanceof Server && this.listenerCount("upgrade") === 1 ? this : null;
      if (!isOurs && server === null) return false;
      // The socket has no other listener now, and an unhandled error ends the process.
      if (socket.listenerCount("error") === 0) socket.on("error", () => socket.destroy());
      const upgraded = { request, socket, head };
      if (hasUnfinishedResponse(request)) {
        socket.destroy();
        return true;
      }
      if (!isOurs) {
        if (server !== null) answerOtherUpgrade(server, upgraded);
        return true;
      }
      const requestId = requestIdOf(request);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      openConnection(target, upgraded, requestId).catch((failure: unknown) => {
        const error = toRelayError(failure);
        const { method = "" } = request;
        observe({ type: "request_refused", requestId, method, path: target, error });
        refuseUpgrade(upgraded, error, requestId);
      });
      return true;
    },
    routes: Array.from(opened, ([path, transport]) => ({
      method: "GET",
      path: new RegExp(`^${path.slice(basePath.length)}$`),
      async run() {
        throw transport === undefined ? noWebSocket() : upgradeRequired();
      },
    })),
    async close() {
      const closing = Array.from(opened.values(), async (transport) => transport?.close());
      const allClosed = Promise.all([...sockets].map(untilClosed));
      const limit = new AbortController();
      await Promise.race([
        // Where a transport fails, its sockets are destroyed below.
        Promise.allSettled([...closing, allClosed]),
        sleep(closeTimeoutMs, undefined, { signal: limit.signal }).catch(() => {
          // All were closed before.
        }),
      ]);
      limit.abort();
      for (const socket of sockets) socket.destroy();
      await allClosed;
    },
  };
}

function untilClosed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
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

/** Another way than HTTP to start, follow and cancel streams, such as `webSocket()`. */
export interface UpgradeTransport {
  /** Where clients ask for it, below the base path: `/socket`. */
  readonly path: string;
  /** Called once by each relay. */
  open(relay: TransportContext): OpenTransport;
}

/**
 * What a transport needs of the relay: it is handed on to `start`, `follow` and `cancel`, and to
 * `readAnswerRequest`.
 */
export interface TransportContext extends RequestParts {
  /** Where the relay's routes live. */
  readonly basePath: string;
  /** The largest request of a client. */
  readonly maxBodyBytes: number;
  /** What may wait for one connection. */
  readonly maxBufferedBytes: number;
  /** How long a client may leave data unread. */
  readonly slowConsumerTimeoutMs: number;
  /** Whether streams end when what their caller proved does. */
  readonly endOnTokenExpiry: boolean;
}

/** An upgrade request whose host and origin may ask. */
export interface TransportUpgrade extends UpgradeRequest {
  readonly requestId: string;
  /** The path that was asked for, as it may be logged. */
  readonly path: string;
  readonly incomingTrace: IncomingTrace;
  /**
   * Who asks.
   *
   * @throws RelayError why they may not.
   */
  admit(): Promise<Caller>;
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
