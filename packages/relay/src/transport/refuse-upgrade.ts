import { ServerResponse, type IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { RelayError } from "../errors.ts";
import { replyWithError } from "./reply.ts";

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
