import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One reply, as its bytes say it. */
export interface RawReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A client that sends arbitrary bytes; disposing it resets its connection. */
export interface RawClient extends Disposable {
  readonly socket: Socket;
  send(bytes: string | Buffer): void;
  /**
   * The next reply; undefined when the connection was closed before there was one.
   *
   * `method` is what was asked with: a reply to HEAD has no body.
   */
  reply(method?: string): Promise<RawReply | undefined>;
  /** Everything received and not yet taken by `reply`, once it has `text` in it. */
  until(text: string): Promise<string>;
  /** Everything received and not yet taken by `reply`, once the connection is closed. */
  untilClosed(): Promise<string>;
}

/** Connects to the host and port of `url`. */
export async function connectRaw(url: string): Promise<RawClient> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  // One character for each byte: lengths are counted in them.
  socket.setEncoding("latin1");
  socket.on("data", (piece: string) => {
    received += piece;
  });
  // Being cut off while sending is what these clients provoke.
  socket.on("error", () => {});
  await once(socket, "connect");

  /** Resolves with the next piece, or when there will be none. */
  function more(): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        socket.off("data", settle).off("close", settle);
        resolve();
      };
      socket.on("data", settle).on("close", settle);
    });
  }

  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    async reply(method = "POST") {
      for (;;) {
        const found = firstReply(received, method === "HEAD", socket.closed);
        if (found !== undefined) {
          received = received.slice(found.length);
          return found.reply;
        }
        if (socket.closed) return undefined;
        await more();
      }
    },
    async until(text) {
      while (!received.includes(text)) {
        if (socket.closed) throw new Error(`It was closed before there was ${text}: ${received}`);
        await more();
      }
      return received;
    },
    async untilClosed() {
      while (!socket.closed) await more();
      return received;
    },
    [Symbol.dispose]: () => void socket.resetAndDestroy(),
  };
}

/** A request for a stream with this body; `headers` are whole lines. */
export function rawPost(body: string | Buffer, headers = ""): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([rawHead(`${headers}Content-Length: ${bytes.length}\r\n`), bytes]);
}

/** The head of a request for a stream; `headers` are whole lines. */
export function rawHead(headers: string): Buffer {
  return Buffer.from(
    `POST /api/llm/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n`,
    "latin1",
  );
}

interface FoundReply {
  readonly reply: RawReply;
  /** In bytes, head and body. */
  readonly length: number;
}

/** The reply that `received` begins with, when all of it is there. */
function firstReply(received: string, isHead: boolean, isClosed: boolean): FoundReply | undefined {
  const headLength = received.indexOf("\r\n\r\n") + 4;
  if (headLength < 4) return undefined;
  const [statusLine = "", ...lines] = received.slice(0, headLength - 4).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const rest = received.slice(headLength);
  const whole = (text: string, length: number): FoundReply => ({
    reply: { status, headers, text: Buffer.from(text, "latin1").toString() },
    length: headLength + length,
  });
  if (isHead || status < 200 || status === 204) return whole("", 0);
  if (headers["transfer-encoding"] === "chunked") {
    const body = dechunked(rest);
    return body && whole(body.text, body.length);
  }
  const length = Number(headers["content-length"] ?? (isClosed ? rest.length : Infinity));
  return rest.length < length ? undefined : whole(rest.slice(0, length), length);
}

function dechunked(chunks: string): { text: string; length: number } | undefined {
  let text = "";
  for (let at = 0; ;) {
    const sizeEnd = chunks.indexOf("\r\n", at);
    if (sizeEnd < 0) return undefined;
    const size = Number.parseInt(chunks.slice(at, sizeEnd), 16);
    const next = sizeEnd + 2 + size + 2;
    if (chunks.length < next) return undefined;
    if (size === 0) return { text, length: next };
    text += chunks.slice(sizeEnd + 2, next - 2);
    at = next;
  }
}
