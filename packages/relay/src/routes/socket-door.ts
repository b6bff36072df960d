import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { socketCloseCodes, socketPath } from "@gatestream/protocol";
import type { WebSocket } from "ws";
import { admit } from "../admission/admit.ts";
import type { Authenticate, Caller } from "../admission/caller.ts";
import type { CheckHost } from "../admission/host-check.ts";
import type { AllowedOrigin, CheckOrigin } from "../admission/origins.ts";
import { RelayError, toRelayError } from "../errors.ts";
import { drainingError } from "../stream/streams.ts";
import { answerOtherUpgrade } from "../transport/other-upgrade.ts";
import { hasUnfinishedResponse } from "../transport/unfinished-response.ts";
import { refusalFrame } from "../transport/websocket-reader.ts";
import {
  createWebsocketConnection,
  type WebsocketConnection,
} from "../transport/websocket-connection.ts";
import {
  createHandshake,
  moveBearerToken,
  refuseUpgrade,
  type UpgradeRequest,
} from "../transport/websocket-handshake.ts";
import { requestIdOf } from "./request-id.ts";
import {
  createSocketSession,
  type SocketSession,
  type SocketSessionParts,
} from "./socket-session.ts";
import { traceOf } from "./answer-request.ts";

export interface SocketDoorParts extends SocketSessionParts {
  readonly basePath: string;
  readonly maxBodyBytes: number;
  readonly checkHost: CheckHost;
  readonly checkOrigin: CheckOrigin;
  readonly authenticate: Authenticate;
}

/**
 * Handles an `upgrade` of node:http: opens a WebSocket at `{base}/socket`, or refuses. Returns
 * whether the request was handled; if not, it has not been touched. As the only listener of a
 * server, `server.on("upgrade", relay.upgrade)`, it handles every request: nobody else will.
 */
export type UpgradeHandler = (
  this: unknown,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
) => boolean;

/** Where sockets are opened. */
export interface SocketDoor {
  readonly upgrade: UpgradeHandler;
  /** Closes every socket, without waiting for streams. */
  close(): Promise<void>;
}

/** How long pages may take to hear that their sockets are closed. */
const lastWordsMs = 1_000;

/** Opens WebSockets: PROTOCOL.md, "WebSocket". */
export function createSocketDoor(parts: SocketDoorParts): SocketDoor {
  const { observe, streams } = parts;
  const path = `${parts.basePath}${socketPath}`;
  const accept = createHandshake(parts);
  const duplexes = new Set<Duplex>();
  const connections = new Set<WebsocketConnection>();

  async function open(upgrade: UpgradeRequest, requestId: string): Promise<void> {
    const { request } = upgrade;
    parts.checkHost(request);
    const grant = parts.checkOrigin(request.headers);
    moveBearerToken(request);
    const caller = await whoCalls(request, grant);
    const webSocket = accept(upgrade);
    if (webSocket === undefined) return;
    try {
      serve(webSocket, upgrade, { caller, requestId });
    } catch (failure) {
      // What is written from now on would be read as frames.
      webSocket.terminate();
      const error = toRelayError(failure);
      observe({ type: "request_refused", requestId, method: "GET", path, error });
    }
  }

  function serve(
    webSocket: WebSocket,
    { request, socket: duplex }: UpgradeRequest,
    { caller, requestId }: { readonly caller: Caller | RelayError; readonly requestId: string },
  ): void {
    const openedAt = performance.now();
    const entered = caller instanceof RelayError ? caller : enterSocket(caller);
    let session: SocketSession | undefined;
    const connection = createWebsocketConnection(webSocket, {
      ...parts,
      duplex,
      onText: (text) => session?.hear(text),
      onClosed(code) {
        connections.delete(connection);
        if (!(entered instanceof RelayError)) entered();
        session?.end();
        const durationMs = performance.now() - openedAt;
        observe({ type: "socket_closed", requestId, code, durationMs });
      },
    });
    connections.add(connection);
    observe({ type: "socket_opened", requestId });
    if (caller instanceof RelayError || entered instanceof RelayError) {
      // A page cannot see how a handshake was refused, but what a socket says.
      const error = caller instanceof RelayError ? caller : toRelayError(entered);
      connection.answer(refusalFrame(error, requestId));
      connection.close(closeCodeFor(error), error.message);
      observe({ type: "request_refused", requestId, method: "GET", path, error });
      return;
    }
    const owner = { caller, requestId, path, incomingTrace: traceOf(request.headers) };
    session = createSocketSession(parts, owner, connection);
  }

  function enterSocket({ subject }: Caller): (() => void) | RelayError {
    try {
      return parts.limits.enterSocket(subject);
    } catch (failure) {
      return toRelayError(failure);
    }
  }

  async function whoCalls(
    request: IncomingMessage,
    grant: AllowedOrigin | undefined,
  ): Promise<Caller | RelayError> {
    if (streams.isDraining) return drainingError();
    return admit(parts.authenticate, request, grant).catch(toRelayError);
  }

  return {
    upgrade(request, socket, head) {
      const [target = ""] = (request.url ?? "").split("?", 1);
      const isOurs = target === path;
      // An emitter calls its listeners with itself as `this`.
      const server = this instanceof Server && this.listenerCount("upgrade") === 1 ? this : null;
      if (!isOurs && server === null) return false;
      // Nobody else listens to the socket now, and an error without a listener ends the process.
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
      duplexes.add(socket);
      socket.once("close", () => duplexes.delete(socket));
      open(upgraded, requestId).catch((failure: unknown) => {
        const error = toRelayError(failure);
        const { method = "" } = request;
        observe({ type: "request_refused", requestId, method, path, error });
        refuseUpgrade(upgraded, error, requestId);
      });
      return true;
    },
    async close() {
      const { message } = drainingError();
      for (const connection of connections) connection.close(socketCloseCodes.draining, message);
      const allClosed = Promise.all([...duplexes].map(untilClosed));
      const limit = new AbortController();
      await Promise.race([
        allClosed,
        sleep(lastWordsMs, undefined, { signal: limit.signal }).catch(() => {
          // All were closed before.
        }),
      ]);
      limit.abort();
      for (const duplex of duplexes) duplex.destroy();
      await allClosed;
    },
  };
}

function untilClosed(duplex: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (duplex.closed) resolve();
    else duplex.once("close", () => resolve());
  });
}

/** What a page hears of a refusal that HTTP would tell by its status. */
function closeCodeFor({ code, status }: RelayError): number {
  if (code === "relay_draining") return socketCloseCodes.draining;
  if (status === 401) return socketCloseCodes.unauthorized;
  if (status === 403) return socketCloseCodes.forbidden;
  if (status === 429 || status === 503) return socketCloseCodes.tryLater;
  return socketCloseCodes.internalError;
}
