import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { startHttpServer } from "./http-server.ts";
import type { TestServer } from "./tcp-server.ts";

export interface RawGateway extends TestServer {
  /** The paths that were asked for, in order. */
  readonly paths: readonly string[];
}

/** A gateway that gives every client a token and leaves the chat to the test. */
export async function startRawGateway(
  chat: RequestListener,
  token: RequestListener = giveToken,
): Promise<RawGateway> {
  const paths: string[] = [];
  const server = await startHttpServer((request, response) => {
    const path = request.url ?? "";
    paths.push(path);
    if (path === "/oauth/token") token(request, response);
    else chat(request, response);
  });
  return { ...server, paths };
}

function giveToken(_: IncomingMessage, response: ServerResponse): void {
  response.setHeader("content-type", "application/json");
  response.end('{"access_token":"token-1","token_type":"bearer","expires_in":86400}');
}
