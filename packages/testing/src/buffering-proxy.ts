import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { buffer } from "node:stream/consumers";
import { startHost, type Host } from "./host.ts";

/** An HTTP proxy that passes a response on when it has all of it, as some company networks have. */
export function startBufferingProxy(upstreamUrl: string): Promise<Host> {
  return startHost((request, response) => {
    const { method, headers } = request;
    const asking = httpRequest(new URL(request.url ?? "/", upstreamUrl), { method, headers });
    request.pipe(asking);
    const left = new AbortController();
    response.once("close", () => left.abort());
    const pass = async (): Promise<void> => {
      const [upstream] = await once(asking, "response", { signal: left.signal });
      const body = await buffer(upstream);
      const { "transfer-encoding": _, ...passed } = upstream.headers;
      response.writeHead(upstream.statusCode, passed).end(body);
    };
    // A client that has left, or a relay that has: the proxy hangs up on both.
    pass().catch(() => response.destroy());
    asking.on("error", () => response.destroy());
    response.once("close", () => asking.destroy());
  });
}
