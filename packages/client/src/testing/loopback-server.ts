import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface LoopbackServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A server on a free port of the loopback address; closing it ends its connections. */
export async function listenOnLoopback(handler: RequestListener): Promise<LoopbackServer> {
  // A connection that the server closes while a test sends its next request on it would be a failure.
  const server = createServer({ keepAliveTimeout: 0 }, handler);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A string only for a server on a pipe.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
