import { socketCloseCodes, socketPath } from "@gatestream/protocol";
import {
  drainingError,
  RelayError,
  toRelayError,
  type Caller,
  type OpenTransport,
  type RelayContext,
  type TransportUpgrade,
  type UpgradeTransport,
} from "@gatestream/relay/parts";
import type { WebSocket } from "ws";
import { createWebsocketConnection, type WebsocketConnection } from "./connection.ts";
import { createHandshake, moveBearerToken } from "./handshake.ts";
import { refusalFrame } from "./reader.ts";
import { createSocketSession, type SocketSession } from "./session.ts";

/** Lets clients open a WebSocket at `{base}/socket`: PROTOCOL.md, "WebSocket". */
export function webSocket(): UpgradeTransport {
  return { path: socketPath, open };
}

function open(relay: RelayContext): OpenTransport {
  const { observe, limits } = relay;
  const accept = createHandshake(relay);
  const connections = new Set<WebsocketConnection>();

  function start(
    accepted: WebSocket,
    upgrade: TransportUpgrade,
    caller: Caller | RelayError,
  ): void {
    const { requestId, path, incomingTrace } = upgrade;
    const openedAt = performance.now();
    const entered = caller instanceof RelayError ? caller : enterSocket(caller);
    let session: SocketSession | undefined;
    const connection = createWebsocketConnection(accepted, {
      ...relay,
      duplex: upgrade.socket,
      onText: (text) => session?.onMessage(text),
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
    const owner = { caller, requestId, path, incomingTrace };
    session = createSocketSession(relay, owner, connection);
  }

  function enterSocket({ subject }: Caller): (() => void) | RelayError {
    try {
      return limits.enterSocket(subject);
    } catch (failure) {
      return toRelayError(failure);
    }
  }

  return {
    async upgrade(upgrade) {
      moveBearerToken(upgrade.request);
      const caller = await upgrade.admit().catch(toRelayError);
      const accepted = accept(upgrade);
      if (accepted === undefined) return;
      try {
        start(accepted, upgrade, caller);
      } catch (failure) {
        // What is written from now on would be read as frames.
        accepted.terminate();
        const { requestId, path } = upgrade;
        const error = toRelayError(failure);
        observe({ type: "request_refused", requestId, method: "GET", path, error });
      }
    },
    async close() {
      const { message } = drainingError();
      for (const connection of connections) connection.close(socketCloseCodes.draining, message);
    },
  };
}

/** The close code and reason for a refusal that HTTP would express by its status. */
function closeCodeFor({ code, status }: RelayError): number {
  if (code === "relay_draining") return socketCloseCodes.draining;
  if (status === 401) return socketCloseCodes.unauthorized;
  if (status === 403) return socketCloseCodes.forbidden;
  if (status === 429 || status === 503) return socketCloseCodes.tryLater;
  return socketCloseCodes.internalError;
}
