import { socketCloseCodes, socketPath } from "@gatestream/protocol";
import {
  drainingError,
  toRelayError,
  traceOf,
  type OpenTransport,
  type RelayContext,
  type RelayError,
  type UpgradeTransport,
} from "@gatestream/relay/parts";
import { createWebsocketConnection, type WebsocketConnection } from "./connection.ts";
import { refusalFrame } from "./frames.ts";
import { createHandshake, moveBearerToken } from "./handshake.ts";
import { createSocketSession, type SocketSession } from "./session.ts";

/** Lets clients open a WebSocket at `{base}/socket`: PROTOCOL.md, "WebSocket". */
export function webSocket(): UpgradeTransport {
  return { path: socketPath, open };
}

function open(relay: RelayContext): OpenTransport {
  const { observe, limits } = relay;
  const accept = createHandshake(relay);
  const connections = new Set<WebsocketConnection>();

  return {
    async upgrade(upgrade) {
      const { requestId, path, request, socket: duplex } = upgrade;
      moveBearerToken(request);
      // A page cannot see how a handshake was refused, but what a socket says.
      const admitted = await upgrade.admit().then(
        (caller) => ({ caller }),
        (failure: unknown) => ({ failure }),
      );
      const accepted = accept(upgrade);
      if (accepted === undefined) return;
      const openedAt = performance.now();
      let session: SocketSession | undefined;
      let leave = (): void => {};
      const connection = createWebsocketConnection(accepted, {
        ...relay,
        duplex,
        onText: (text) => session?.onMessage(text),
        onClosed(code) {
          connections.delete(connection);
          leave();
          session?.end();
          const durationMs = performance.now() - openedAt;
          observe({ type: "socket_closed", requestId, code, durationMs });
        },
      });
      connections.add(connection);
      observe({ type: "socket_opened", requestId });
      try {
        if ("failure" in admitted) throw admitted.failure;
        const { caller } = admitted;
        leave = limits.enterSocket(caller.subject);
        const incomingTrace = traceOf(request.headers);
        const owner = { caller, requestId, path, incomingTrace };
        session = createSocketSession(relay, owner, connection);
      } catch (failure) {
        const error = toRelayError(failure);
        connection.answer(refusalFrame(error, requestId));
        connection.close(closeCodeFor(error), error.message);
        observe({ type: "request_refused", requestId, method: "GET", path, error });
      }
    },
    async close() {
      const { message } = drainingError();
      for (const connection of connections) connection.close(socketCloseCodes.draining, message);
    },
  };
}

/** The close code for a refusal that HTTP would express by its status. */
function closeCodeFor({ code, status }: RelayError): number {
  if (code === "relay_draining") return socketCloseCodes.draining;
  if (status === 401) return socketCloseCodes.unauthorized;
  if (status === 403) return socketCloseCodes.forbidden;
  if (status === 429 || status === 503) return socketCloseCodes.tryLater;
  return socketCloseCodes.internalError;
}
