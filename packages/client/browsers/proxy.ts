import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { openConnection, type ProxiedConnection, type Shape } from "./proxied-connection.ts";

/** What lies between a browser and its relay: it passes every byte, until it is told otherwise. */
export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** Ends every connection of now with a reset. */
  resetConnections(): void;
  /** Connections of now stay open, and nothing comes through them any more. New ones pass. */
  stallConnections(): void;
  /** Resets the connection through which the browser is sent its `count`-th byte from now. */
  cutAfterBytes(count: number): void;
  /** How fast the browser is sent what there is, from now on; undefined is as fast as possible. */
  throttle(bytesPerSecond: number | undefined): void;
  /** Whether the browser is sent each byte by itself, from now on. */
  splitAtEveryByte(isSplit: boolean): void;
  /** Takes no new connections: the system refuses them. */
  refuseConnections(): Promise<void>;
  acceptConnections(): Promise<void>;
  /** Everything passes again. */
  calm(): Promise<void>;
}

/** A TCP proxy on loopback in front of `targetPort`. */
export async function startProxy(targetPort: number): Promise<Proxy> {
  const connections = new Set<ProxiedConnection>();
  const shape: Shape = { bytesLeft: Infinity, bytesPerSecond: undefined, isSplit: false };
  const server = createServer({ noDelay: true }, (browser) => {
    const connection = openConnection(browser, targetPort, shape);
    connections.add(connection);
    browser.once("close", () => connections.delete(connection));
  });
  const port = await listenOnFreePort(server);

  const proxy: Proxy = {
    url: `http://127.0.0.1:${port}`,
    resetConnections() {
      for (const connection of connections) connection.reset();
    },
    stallConnections() {
      for (const connection of connections) connection.stall();
    },
    cutAfterBytes(count) {
      shape.bytesLeft = count;
    },
    throttle(bytesPerSecond) {
      shape.bytesPerSecond = bytesPerSecond;
    },
    splitAtEveryByte(isSplit) {
      shape.isSplit = isSplit;
    },
    async refuseConnections() {
      // It waits for the connections of now, which go on: only its port is let go at once.
      if (server.listening) server.close();
    },
    async acceptConnections() {
      if (!server.listening) await listen(server, port);
    },
    async calm() {
      Object.assign(shape, { bytesLeft: Infinity, bytesPerSecond: undefined, isSplit: false });
      await proxy.acceptConnections();
    },
    async [Symbol.asyncDispose]() {
      const closed = server.listening ? once(server, "close") : undefined;
      server.close();
      proxy.resetConnections();
      await closed;
    },
  };
  return proxy;
}

async function listenOnFreePort(server: Server): Promise<number> {
  for (;;) {
    // Below the ports that the system gives away: nobody takes it while it refuses.
    const port = randomInt(20_000, 32_000);
    try {
      await listen(server, port);
      return port;
    } catch {
      // Somebody has it: another one, then.
    }
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
