import { request as httpRequest, type RequestListener } from "node:http";

/** An HTTP proxy that passes the head of an event stream and then nothing, as some company networks do. */
export function mutingProxy(upstreamUrl: string): RequestListener {
  return (request, response) => {
    const { method, headers } = request;
    const asking = httpRequest(new URL(request.url ?? "/", upstreamUrl), { method, headers });
    request.pipe(asking);
    asking.on("error", () => response.destroy());
    response.once("close", () => asking.destroy());
    asking.once("response", (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      response.flushHeaders();
      if (upstream.headers["content-type"]?.startsWith("text/event-stream")) upstream.resume();
      else upstream.pipe(response);
    });
  };
}
