import { connect } from "node:net";

/** Where streams come from, and the bytes that ask for one. */
export interface Target {
  readonly port: number;
  /** A whole HTTP request; over a WebSocket the one that upgrades. */
  readonly request: string;
  /** Over a WebSocket: the text that starts a stream, sent once it is open. */
  readonly startText?: string;
}

export function requestText(
  line: `${"GET" | "POST"} /${string}`,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  const lines = Object.entries({
    Host: "127.0.0.1",
    ...headers,
    ...(body && { "Content-Type": "application/json", "Content-Length": text.length }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}\r\n${text}`;
}

export interface Listener {
  /** A piece of the answer, still in chunks of HTTP or frames. */
  onPiece(piece: Buffer): void;
  onEnd(): void;
  onProblem(problem: Error): void;
}

/** One connection of a reader; it can ask again when its answer has ended. */
export interface Connection {
  ask(): void;
  pause(): void;
  leave(): void;
}

const headEnd = "\r\n\r\n";

/** The last bytes of an answer; nothing else in it looks like them. */
const endOfHttp = "0\r\n\r\n";
const endOfWebSocketStream = '"type":"stop"';
const keptBytes = 64;

export function openConnection(target: Target, listener: Listener): Connection {
  const { port, request, startText } = target;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const startFrame = startText === undefined ? undefined : clientFrame(startText);
  const expected = startFrame === undefined ? "HTTP/1.1 200" : "HTTP/1.1 101";
  /** Undefined once it is there. */
  let head: string | undefined = "";
  let isLeaving = false;
  let tail: Buffer = Buffer.alloc(0);

  function isAtEnd(piece: Buffer): boolean {
    const seen = piece.length >= keptBytes ? piece : Buffer.concat([tail, piece]);
    tail = seen.subarray(-keptBytes);
    if (startFrame !== undefined) return tail.includes(endOfWebSocketStream);
    return tail.subarray(-endOfHttp.length).toString("latin1") === endOfHttp;
  }

  /** Returns what follows the head, once that is there. */
  function takeHead(piece: Buffer): Buffer {
    const received = (head ?? "") + piece.toString("latin1");
    head = received;
    const end = received.indexOf(headEnd);
    if (end < 0) return Buffer.alloc(0);
    if (!received.startsWith(expected)) {
      fail(new Error(`Not an answer: ${received.slice(0, 500)}`));
      return Buffer.alloc(0);
    }
    head = undefined;
    if (startFrame !== undefined) socket.write(startFrame);
    return Buffer.from(received.slice(end + headEnd.length), "latin1");
  }

  function fail(problem: Error): void {
    if (!isLeaving) listener.onProblem(problem);
    leave();
  }

  function leave(): void {
    isLeaving = true;
    socket.destroy();
  }

  socket.on("data", (received) => {
    const piece = head === undefined ? received : takeHead(received);
    if (piece.length === 0) return;
    listener.onPiece(piece);
    if (!isAtEnd(piece)) return;
    tail = Buffer.alloc(0);
    listener.onEnd();
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("The answer was cut off.")));

  return {
    ask() {
      if (startFrame !== undefined && head === undefined) {
        socket.write(startFrame);
        return;
      }
      head = "";
      socket.write(request);
    },
    pause: () => void socket.pause(),
    leave,
  };
}

/** A short text message of a client, in one frame. Its mask is zero: it is required, not secret. */
function clientFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error("Longer messages have a longer header.");
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
