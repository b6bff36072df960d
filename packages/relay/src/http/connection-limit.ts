import type { Server, Socket } from "node:net";

/**
 * Closes new connections at once while `maxConnections` are open; 0 is no limit.
 *
 * Not the server's own `maxConnections`: in a process of node:cluster it hands a connection that is
 * too many to the next one, and where all have enough it goes round without an end.
 */
export function limitConnections(
  server: Server,
  maxConnections: number,
  onDropped: () => void,
): void {
  if (maxConnections === 0) return;
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    // A connection whose request is parsed again is emitted again.
    if (open.has(socket)) return;
    if (open.size >= maxConnections) {
      socket.destroy();
      onDropped();
      return;
    }
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
}
