import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { socketProtocol } from "@gatestream/protocol";
import { WebSocket } from "ws";
import {
  createWebsocketConnection,
  type WebsocketConnection,
  type WebsocketConnectionOptions,
} from "../connection.ts";
import { createHandshake } from "../handshake.ts";

/** Both ends of a socket; `await using` closes it. */
export interface WebsocketUnderTest extends AsyncDisposable {
  readonly connection: WebsocketConnection;
  /** The relay's end of what is below. */
  readonly duplex: Socket;
  readonly page: WebSocket;
  /** The next message that the page gets. */
  next(): Promise<string>;
}

export async function openWebsocket(
  options: Partial<WebsocketConnectionOptions> = {},
): Promise<WebsocketUnderTest> {
  const limits = { heartbeatMs: 60_000, slowConsumerTimeoutMs: 60_000, maxBodyBytes: 1_024 };
  const accept = createHandshake(limits);
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const upgrading = once(server, "upgrade");
  const page = new WebSocket(`ws://127.0.0.1:${port}`, socketProtocol);
  const messages: string[] = [];
  page.on("message", (data) => {
    messages.push(String(data));
    page.emit("arrived");
  });
  const opened = once(page, "open");
  const [request, duplex, head] = (await upgrading) as [IncomingMessage, Socket, Buffer];
  const webSocket = accept({ request, socket: duplex, head });
  if (webSocket === undefined) throw new Error("The page has gone.");
  const connection = createWebsocketConnection(webSocket, {
    onText: () => {},
    onClosed: () => {},
    ...limits,
    ...options,
    duplex,
  });
  await opened;
  return {
    connection,
    duplex,
    page,
    async next() {
      while (messages.length === 0) await once(page, "arrived");
      return messages.shift() ?? "";
    },
    async [Symbol.asyncDispose]() {
      page.terminate();
      webSocket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
