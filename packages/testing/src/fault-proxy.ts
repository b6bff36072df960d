import { once } from "node:events";
import { createServer, connect, type AddressInfo, type Socket } from "node:net";

/** A TCP proxy before one server, whose faults a test chooses; `await using` closes it. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** Bytes that clients have sent through it. */
  readonly requestBytes: number;
  /**
   * Waits for a request that contains `text`, lets the server have it, and destroys the connection
   * before the response arrives. With `isCut` new connections are destroyed too, until `restore`.
   */
  loseResponseTo(text: string, options?: { readonly isCut?: boolean }): Promise<void>;
  /** Destroys all connections, and each new one, until `restore`. */
  cut(): void;
  /** Connections stay open and nothing passes, until `restore`. */
  freeze(): void;
  restore(): void;
}

interface Loss {
  readonly text: string;
  readonly isCut: boolean;
  readonly onLost: () => void;
}

export async function startFaultProxy(serverPort: number): Promise<FaultProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let requestBytes = 0;
  let isCut = false;
  let isFrozen = false;
  let pending: Loss | undefined;

  const proxy = createServer((client) => {
    if (isCut) return client.destroy();
    const server = connect(serverPort, "127.0.0.1");
    const pair = [client, server] as const;
    pairs.add(pair);
    let losing: Loss | undefined;
    client.on("data", (bytes) => {
      requestBytes += bytes.length;
      if (pending !== undefined && bytes.includes(pending.text)) {
        losing = pending;
        pending = undefined;
      }
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (losing === undefined) return client.write(bytes);
      const { onLost } = losing;
      if (losing.isCut) cut();
      else end();
      onLost();
    });
    function end(): void {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    }
    for (const socket of pair) {
      if (isFrozen) socket.pause();
      // Why a connection ended is what the test chose.
      socket.on("error", end).on("close", end);
    }
  });

  function cut(): void {
    isCut = true;
    for (const socket of [...pairs].flat()) socket.destroy();
  }

  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  // An AddressInfo, because it listens on a port.
  const { port } = proxy.address() as AddressInfo;
  return {
    port,
    get requestBytes() {
      return requestBytes;
    },
    loseResponseTo(text, { isCut: alsoCut = false } = {}) {
      return new Promise((resolve) => {
        pending = { text, isCut: alsoCut, onLost: resolve };
      });
    },
    cut,
    freeze() {
      isFrozen = true;
      for (const socket of [...pairs].flat()) socket.pause();
    },
    restore() {
      isCut = false;
      isFrozen = false;
      for (const socket of [...pairs].flat()) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      cut();
      proxy.close();
      await once(proxy, "close");
    },
  };
}
