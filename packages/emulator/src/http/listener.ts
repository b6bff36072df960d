import { once } from "node:events";
import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Where the emulator listens. */
export interface ListenOptions {
  /**
   * The TCP port; 0 takes a free one.
   * @defaultValue 0
   */
  readonly port?: number | undefined;
  /**
   * The address to bind.
   * @defaultValue "127.0.0.1"
   */
  readonly host?: string | undefined;
}

export interface Listener {
  listen(options?: ListenOptions): Promise<{ url: string; port: number }>;
  close(): Promise<void>;
}

// A client that reuses an idle connection must not meet one that is just being closed.
const keepAliveMs = 60_000;

export function createListener(handler: RequestListener): Listener {
  let server: Server | undefined;

  return {
    async listen({ port = 0, host = "127.0.0.1" } = {}) {
      if (server !== undefined) throw new Error("The emulator listens already: close it first.");
      const opening = createServer({ keepAliveTimeout: keepAliveMs }, handler);
      server = opening;
      try {
        opening.listen(port, host);
        await once(opening, "listening");
      } catch (error) {
        server = undefined;
        throw error;
      }
      const address = opening.address() as AddressInfo;
      return { url: `http://${reachableHost(host)}:${address.port}`, port: address.port };
    },
    async close() {
      const closing = server;
      server = undefined;
      if (closing?.listening !== true) return;
      const closed = once(closing, "close");
      closing.close();
      closing.closeAllConnections();
      await closed;
    },
  };
}

/** A host for a URL: a wildcard address can be bound but not called. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
