import { randomUUID } from "node:crypto";
import { Socket, type Server } from "node:net";
import { TLSSocket } from "node:tls";
import { RelayError } from "../errors.ts";
import { refuseUpgrade, type UpgradeRequest } from "./refuse-upgrade.ts";

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
