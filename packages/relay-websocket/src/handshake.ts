import type { IncomingMessage } from "node:http";
import { bearerProtocolPrefix, socketProtocol } from "@gatestream/protocol";
import { RelayError, type RelayContext, type TransportUpgrade } from "@gatestream/relay/parts";
import { WebSocketServer, type WebSocket } from "ws";

/** Completes opening handshakes of RFC 6455. */
export function createHandshake(
  relay: Pick<RelayContext, "maxBodyBytes" | "slowConsumerTimeoutMs">,
) {
  const settings = {
    noServer: true,
    clientTracking: false,
    // Tokens are small, and a window for each socket is not.
    perMessageDeflate: false,
    maxPayload: relay.maxBodyBytes,
    closeTimeout: relay.slowConsumerTimeoutMs,
    // A token in the other protocols is not repeated.
    handleProtocols: () => socketProtocol,
  };
  const server = new WebSocketServer(settings);
  server.on("wsClientError", ({ message }) => {
    throw invalidHandshake(`${message}.`);
  });
  /**
   * The socket; undefined when the page has gone meanwhile.
   *
   * @throws RelayError `invalid_request` saying what is wrong with the request.
   */
  return ({
    request,
    socket,
    head,
  }: Pick<TransportUpgrade, "request" | "socket" | "head">): WebSocket | undefined => {
    if (!protocolsOf(request).includes(socketProtocol)) {
      throw invalidHandshake(`Sec-WebSocket-Protocol must name ${socketProtocol}.`);
    }
    let accepted: WebSocket | undefined;
    server.handleUpgrade(request, socket, head, (webSocket) => {
      accepted = webSocket;
    });
    return accepted;
  };
}

function invalidHandshake(message: string): RelayError {
  return new RelayError("invalid_request", message, { headers: { "Sec-WebSocket-Version": "13" } });
}

/**
 * Moves the token of a page, which can set no header, to where tokens of requests are. A header that
 * is there wins; no later reader sees the token among the protocols.
 */
export function moveBearerToken(request: IncomingMessage): void {
  const { headers } = request;
  const protocols = protocolsOf(request);
  const isToken = (protocol: string): boolean => protocol.startsWith(bearerProtocolPrefix);
  const token = protocols.find(isToken)?.slice(bearerProtocolPrefix.length);
  if (token === undefined) return;
  headers["sec-websocket-protocol"] = protocols.filter((protocol) => !isToken(protocol)).join(", ");
  headers.authorization ??= `Bearer ${token}`;
}

function protocolsOf({ headers }: IncomingMessage): readonly string[] {
  return (headers["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
}
