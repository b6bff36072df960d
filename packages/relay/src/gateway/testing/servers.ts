import { once } from "node:events";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
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

/** A node:http server on a free port; `await using` closes it. */
export async function startHttpServer(answer: RequestListener): Promise<TestServer> {
  // A connection kept alive must not be closed by this side while a test counts connections.
  const server = createHttpServer({ keepAliveTimeout: 60_000 }, answer);
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

export interface BlockedWrites {
  /** How much was handed over before the reader stopped taking it. */
  readonly writtenBytes: number;
}

/**
 * Writes `piece` over and over until nothing has drained for `quietMs`: the reader has stopped
 * reading. Undefined when all `maxBytes` went through.
 */
export async function writeUntilBlocked(
  response: ServerResponse,
  options: { readonly piece: Uint8Array; readonly maxBytes: number; readonly quietMs: number },
): Promise<BlockedWrites | undefined> {
  const { piece, maxBytes, quietMs } = options;
  let writtenBytes = 0;
  while (writtenBytes < maxBytes) {
    writtenBytes += piece.length;
    if (response.write(piece)) continue;
    const drained = once(response, "drain", { signal: AbortSignal.timeout(quietMs) });
    const isBlocked = await drained.then(
      () => false,
      () => true,
    );
    if (isBlocked) return { writtenBytes };
  }
  return undefined;
}
