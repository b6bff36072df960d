import { randomUUID } from "node:crypto";
import { type IncomingMessage, ServerResponse } from "node:http";
import { type Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { RelayError } from "../errors.ts";
import { replyWithError } from "./reply.ts";

/**
 * Answers an upgrade request that is not for the relay's WebSocket. A server may ignore every other
 * protocol that a request offers (RFC 9110, "Upgrade"), and must: some clients offer HTTP/2 with
 * every request. node:http gives all of them to a server that listens to `upgrade` and cannot take
 * them back; so the request is parsed again, without its offer.
 *
 * The socket must have no unfinished response.
 */
export function answerOtherUpgrade(server: Server, upgrade: UpgradeRequest): void {
  const { request, socket, head } = upgrade;
  if (socket.destroyed) return;
  if (request.headers.upgrade?.toLowerCase() === "websocket") {
    const error = new RelayError("not_found", "There is no WebSocket at this path.");
    refuseUpgrade(upgrade, error, randomUUID());
    return;
  }
  if (!(socket instanceof Socket)) {
    socket.destroy();
    return;
  }
  const { method = "", url = "", httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!/^(?:upgrade|connection|http2-settings)$/i.test(name)) {
      text += `${name}: ${rawHeaders[index + 1] ?? ""}\r\n`;
    }
  }
  // What is unshifted last is read first.
  if (head.length > 0) socket.unshift(head);
  socket.unshift(Buffer.from(`${text}\r\n`, "latin1"));
  server.emit(socket instanceof TLSSocket ? "secureConnection" : "connection", socket);
}

/** A request for another protocol, as node:http gives it to `upgrade`. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the request already. */
  readonly head: Buffer;
}

/** Answers over HTTP instead, and closes the connection. */
export function refuseUpgrade(
  { request, socket }: UpgradeRequest,
  error: RelayError,
  requestId: string,
): void {
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
 * Whether an earlier request on the connection of `request` has not been answered completely. node:http
 * emits `upgrade` for a pipelined request without waiting for that answer. Then nothing else can be
 * written to the socket, and no second HTTP parser may be attached to it.
 */
export function hasUnfinishedResponse(request: IncomingMessage): boolean {
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
