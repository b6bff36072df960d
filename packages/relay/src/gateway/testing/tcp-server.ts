import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:{port}` */
  readonly url: string;
  readonly port: number;
  /** How many connections came so far. */
  connectionCount(): number;
}

/** A server below HTTP, for what node:http would not send; `await using` closes it. */
export async function startTcpServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // The other side may reset what it no longer wants.
    socket.on("error", () => {});
    onConnection(socket);
  });
  const started = await listening(server);
  return {
    ...started,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export async function listening(server: Server): Promise<Omit<TestServer, keyof AsyncDisposable>> {
  let connectionCount = 0;
  server.on("connection", () => {
    connectionCount += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, connectionCount: () => connectionCount };
}

/** A port without a listener. */
export async function closedPort(): Promise<number> {
  await using server = await startTcpServer(() => {});
  return server.port;
}
