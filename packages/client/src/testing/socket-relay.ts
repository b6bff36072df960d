import type { AddressInfo } from "node:net";
import type { ClientFrame } from "@gatestream/protocol";
import { WebSocketServer, type WebSocket } from "ws";

/** One socket of a relay that a test writes frame by frame. */
export interface RelaySocket {
  readonly protocols: readonly string[];
  /** Resolves with the next frame that the client sends. */
  next(): Promise<ClientFrame>;
  send(...frames: readonly object[]): void;
  sendText(text: string): void;
  close(code: number): void;
  /** Resolves once it is closed. */
  readonly closed: Promise<unknown>;
}

export interface SocketRelay extends AsyncDisposable {
  readonly url: string;
  /** Resolves with the next socket that is opened. */
  next(): Promise<RelaySocket>;
  /** How many there have been. */
  readonly socketCount: number;
}

/** What comes waits for who asks, and who asks for what comes. */
function createInbox<Item>() {
  const items: Item[] = [];
  const waiting: ((item: Item) => void)[] = [];
  return {
    put(item: Item) {
      const give = waiting.shift();
      if (give === undefined) items.push(item);
      else give(item);
    },
    next(): Promise<Item> {
      const item = items.shift();
      if (item !== undefined) return Promise.resolve(item);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

function createRelaySocket(socket: WebSocket, protocols: readonly string[]): RelaySocket {
  const frames = createInbox<ClientFrame>();
  socket.on("message", (data) => frames.put(JSON.parse(String(data))));
  return {
    protocols,
    next: frames.next,
    send(...all) {
      for (const frame of all) socket.send(JSON.stringify(frame));
    },
    sendText: (text) => socket.send(text),
    close: (code) => socket.close(code),
    closed: new Promise((resolve) => socket.once("close", resolve)),
  };
}

/** A relay whose every frame is the test's. */
export async function startSocketRelay(): Promise<SocketRelay> {
  const sockets = createInbox<RelaySocket>();
  let socketCount = 0;
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", path: "/api/llm/socket" });
  server.on("connection", (socket, { headers }) => {
    socketCount += 1;
    const protocols = String(headers["sec-websocket-protocol"]).split(/, */);
    sockets.put(createRelaySocket(socket, protocols));
  });
  await new Promise((resolve) => server.once("listening", resolve));
  // A string only for a server on a pipe.
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}/api/llm/`,
    next: sockets.next,
    get socketCount() {
      return socketCount;
    },
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
