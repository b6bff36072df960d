import type { IncomingMessage } from "node:http";
import { bearerProtocolPrefix, socketProtocol } from "@gatestream/protocol";
import { RelayError, type TransportUpgrade } from "@gatestream/relay/parts";
import { WebSocketServer, type WebSocket } from "ws";

export interface HandshakeOptions {
  /** The longest message that a page may send. */
  readonly maxBodyBytes: number;
  /** How long a page may take to answer that the socket is being closed. */
  readonly slowConsumerTimeoutMs: number;
}

/**
 * Completes the opening handshake of RFC 6455; undefined when the page has gone meanwhile.
 *
 * @throws RelayError `invalid_request` saying what is wrong with the request.
 */
export type AcceptWebsocket = (
  upgrade: Pick<TransportUpgrade, "request" | "socket" | "head">,
) => WebSocket | undefined;

export function createHandshake(options: HandshakeOptions): AcceptWebsocket {
  const settings = {
    noServer: true,
    clientTracking: false,
    // Tokens are small, and a window for each socket is not.
    perMessageDeflate: false,
    maxPayload: options.maxBodyBytes,
    closeTimeout: options.slowConsumerTimeoutMs,
    // A token in the other protocols is not repeated.
    handleProtocols: () => socketProtocol,
  };
  const server = new WebSocketServer(settings);
  server.on("wsClientError", ({ message }) => {
    throw invalidHandshake(`${message}.`);
  });
  return ({ request, socket, head }) => {
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
