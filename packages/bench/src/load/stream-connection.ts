import { connect } from "node:net";
import type { Target } from "./target.ts";
import { clientFrame } from "./web-socket-frame.ts";

export interface StreamListener {
  /** A piece of the answer, still in chunks of HTTP or frames. */
  onPiece(piece: Buffer): void;
  onEnd(): void;
  onProblem(problem: Error): void;
}

/** One connection of a reader; it can ask again when its answer has ended. */
export interface StreamConnection {
  ask(): void;
  pause(): void;
  leave(): void;
}

const headEnd = "\r\n\r\n";

/** The last bytes of an answer; nothing else in it looks like them. */
const endOfHttp = "0\r\n\r\n";
const endOfWebSocketStream = '"type":"stop"';
const keptBytes = 64;

export function openStreamConnection(target: Target, listener: StreamListener): StreamConnection {
  const { port, request, startText } = target;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const startFrame = startText === undefined ? undefined : clientFrame(startText);
  const expected = startFrame === undefined ? "HTTP/1.1 200" : "HTTP/1.1 101";
  let head: string | undefined = "";
  let isUpgraded = false;
  let isLeaving = false;
  let tail: Buffer = Buffer.alloc(0);

  function isAtEnd(piece: Buffer): boolean {
    const seen = piece.length >= keptBytes ? piece : Buffer.concat([tail, piece]);
    tail = seen.subarray(-keptBytes);
    if (startFrame !== undefined) return tail.includes(endOfWebSocketStream);
    return tail.subarray(-endOfHttp.length).toString("latin1") === endOfHttp;
  }

  function takePiece(piece: Buffer): void {
    listener.onPiece(piece);
    if (!isAtEnd(piece)) return;
    tail = Buffer.alloc(0);
    listener.onEnd();
  }

  /** Gives what follows the head, once that is there. */
  function takeHead(piece: Buffer): Buffer | undefined {
    head += piece.toString("latin1");
    const end = head?.indexOf(headEnd) ?? -1;
    if (head === undefined || end < 0) return undefined;
    if (!head.startsWith(expected)) {
      isLeaving = true;
      listener.onProblem(new Error(`Not an answer: ${head.slice(0, 500)}`));
      socket.destroy();
      return undefined;
    }
    const rest = Buffer.from(head.slice(end + headEnd.length), "latin1");
    head = undefined;
    if (startFrame !== undefined) {
      isUpgraded = true;
      socket.write(startFrame);
    }
    return rest;
  }

  socket.on("data", (piece) => {
    const rest = head === undefined ? piece : takeHead(piece);
    if (rest !== undefined && rest.length > 0) takePiece(rest);
  });
  socket.on("error", (problem) => {
    if (!isLeaving) listener.onProblem(problem);
  });
  socket.on("close", () => {
    if (!isLeaving) listener.onProblem(new Error("The answer was cut off."));
    isLeaving = true;
  });

  return {
    ask() {
      if (isUpgraded && startFrame !== undefined) {
        socket.write(startFrame);
        return;
      }
      head = "";
      socket.write(request);
    },
    pause: () => void socket.pause(),
    leave() {
      isLeaving = true;
      socket.destroy();
    },
  };
}
