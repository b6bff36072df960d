import { once } from "node:events";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An embedding HTTP server; `await using` closes it. */
export interface Host extends AsyncDisposable {
  readonly url: string;
  /** The server's side of every request so far. */
  readonly responses: readonly ServerResponse[];
}

export async function startHost(listener: RequestListener): Promise<Host> {
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    responses.push(response);
    listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    responses,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An address whose server has closed. */
export async function abandonedUrl(): Promise<string> {
  await using host = await startHost(() => {});
  return host.url;
}
