import { once } from "node:events";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

/** A response that knows when it is over: every method rejects once the peer has left. */
export interface ResponseWriter {
  /** Aborts when the response is over: complete, cut, or left by the peer. */
  readonly over: AbortSignal;
  isComplete(): boolean;
  head(status: number, headers: OutgoingHttpHeaders): void;
  /** Hands over a piece of the body; resolves when the next piece may follow. */
  write(piece: string | Uint8Array): Promise<void>;
  end(lastPiece?: string): void;
  /** Destroys the connection after everything written so far has gone to the network. */
  cut(): Promise<void>;
}

export function createResponseWriter(
  response: ServerResponse,
  onStatus: (status: number) => void = () => {},
): ResponseWriter {
  const over = new AbortController();
  const socket = response.socket;
  let complete = false;

  // A destroyed socket fails what is still queued and so also "finishes" the response. The server's
  // own listener detaches the socket at this event, hence the socket taken before, and first in line.
  response.prependOnceListener("finish", () => {
    complete = socket?.destroyed !== true;
  });
  response.once("close", () => over.abort());
  // Writing to a connection that was reset raises this next to `close`, which is what counts.
  response.on("error", () => {});
  if (response.destroyed) over.abort();

  return {
    over: over.signal,
    isComplete: () => complete,
    head(status, headers) {
      over.signal.throwIfAborted();
      // One piece, one packet: the reader sees the pieces as they were written.
      socket?.setNoDelay(true);
      response.writeHead(status, headers);
      response.flushHeaders();
      onStatus(status);
    },
    async write(piece) {
      over.signal.throwIfAborted();
      if (response.write(piece)) return;
      // A destroyed response emits close but never drain.
      await once(response, "drain", { signal: over.signal });
    },
    end: (lastPiece) => void response.end(lastPiece),
    async cut() {
      over.signal.throwIfAborted();
      // An empty write calls back after all that was queued before it.
      await new Promise<void>((resolve) => response.write("", () => resolve()));
      // It calls back as well when the peer left in the meantime.
      over.signal.throwIfAborted();
      complete = socket?.destroyed !== true;
      response.destroy();
    },
  };
}
