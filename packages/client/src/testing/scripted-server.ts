import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { listenOnLoopback, type LoopbackServer } from "./loopback-server.ts";
import type { EchoedRequest, Script } from "./script.ts";
import { sseText } from "./sse-text.ts";

/** Plays what a request's path says, so that a test holds both what is sent and what is expected. */
export function createScriptedServer(): Promise<LoopbackServer> {
  return listenOnLoopback((request, response) => {
    // A client may leave in the middle; the script then ends as well.
    play(request, response).catch(() => response.destroy());
  });
}

async function play(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, encoded = "", ...rest] = (request.url ?? "").split("/");
  const script: Script = JSON.parse(decodeURIComponent(encoded));
  const {
    status = 200,
    headers = { "Content-Type": "text/event-stream" },
    ending = "end",
  } = script;
  if (ending === "silence") return;
  const echo = script.isEcho ? await echoOf(request, `/${rest.join("/")}`) : "";
  response.writeHead(status, headers);
  response.flushHeaders();
  const bytes = Buffer.from(echo + (script.body ?? ""));
  const chunkBytes = script.isByteByByte ? 1 : Math.max(1, bytes.length);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    if (!response.write(bytes.subarray(at, at + chunkBytes))) await once(response, "drain");
  }
  if (ending === "end") response.end();
  // Ends the socket after what was written, without the last chunk that a whole body has.
  if (ending === "cut") response.socket?.end();
}

async function echoOf(request: IncomingMessage, path: string): Promise<string> {
  const { method = "", headers } = request;
  const body: unknown = JSON.parse(await text(request));
  const echoed = { method, path, headers, body } as EchoedRequest;
  return sseText({ type: "token", content: JSON.stringify(echoed), index: 0 });
}
