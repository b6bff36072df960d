import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { listening, type TestServer } from "./tcp-server.ts";

/** A node:http server on a free port; `await using` closes it. */
export async function startHttpServer(answer: RequestListener): Promise<TestServer> {
  // A connection kept alive must not be closed by this side while a test counts connections.
  const server = createServer({ keepAliveTimeout: 60_000 }, answer);
  const started = await listening(server);
  return {
    ...started,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
