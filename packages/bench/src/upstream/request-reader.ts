import type { Socket } from "node:net";

/**
 * Calls `onRequest` with the path of each request of a connection, once all of it is there. It looks
 * at no more than it has to: this is not the server that is measured.
 */
export function readRequests(socket: Socket, onRequest: (path: string) => void): void {
  let received = "";
  socket.on("data", (piece) => {
    received += piece.toString("latin1");
    for (;;) {
      const length = requestLength(received);
      if (length === undefined || received.length < length) return;
      const path = received.slice(0, received.indexOf("\r\n")).split(" ")[1] ?? "";
      received = received.slice(length);
      onRequest(path);
    }
  });
}

/** Of the first request, with its body; undefined when that cannot be said yet. */
export function requestLength(received: string): number | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const bodyAt = headEnd + 4;
  const head = received.slice(0, headEnd).toLowerCase();
  if (head.includes("\r\ntransfer-encoding: chunked")) {
    const lastChunk = received.indexOf("0\r\n\r\n", bodyAt);
    return lastChunk < 0 ? undefined : lastChunk + 5;
  }
  return bodyAt + Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
}
