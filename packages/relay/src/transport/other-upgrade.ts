import type { Server } from "node:http";
import { randomUUID } from "node:crypto";
import { RelayError } from "../errors.ts";
import { refuseUpgrade, type UpgradeRequest } from "./websocket-handshake.ts";

/**
 * Answers a request to upgrade that is not for a WebSocket of the relay's. Whatever else than a
 * WebSocket it offers may be ignored (RFC 9110, "Upgrade"), and must be: some clients offer HTTP/2
 * with every request. A server that listens to `upgrade` is given them all, and cannot give them
 * back; so the request comes once more, without its offer.
 */
export function answerOtherUpgrade(server: Server, upgrade: UpgradeRequest): void {
  const { request, socket, head } = upgrade;
  if (request.headers.upgrade?.toLowerCase() === "websocket") {
    const error = new RelayError("not_found", "There is no WebSocket at this path.");
    refuseUpgrade(upgrade, error, randomUUID());
    return;
  }
  const { method = "", url = "", httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (!/^(?:upgrade|connection|http2-settings)$/i.test(name)) {
      text += `${name}: ${rawHeaders[at + 1] ?? ""}\r\n`;
    }
  }
  // What is unshifted last is read first.
  if (head.length > 0) socket.unshift(head);
  socket.unshift(Buffer.from(`${text}\r\n`, "latin1"));
  server.emit("connection", socket);
}
