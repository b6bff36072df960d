import { ServerResponse, type IncomingMessage } from "node:http";

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
