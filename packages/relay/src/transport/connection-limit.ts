import type { Server } from "node:net";

/**
 * Closes connections as soon as they come while `maxConnections` are open; 0 is no limit.
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
  let open = 0;
  server.on("connection", (socket) => {
    if (open >= maxConnections) {
      socket.destroy();
      onDropped();
      return;
    }
    open += 1;
    socket.once("close", () => {
      open -= 1;
    });
  });
}
