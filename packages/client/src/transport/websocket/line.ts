import {
  socketCloseCodes,
  socketProtocol,
  type ClientFrame,
  type HeartbeatFrame,
  type RefusalFrame,
  type ServerFrame,
} from "@gatestream/protocol";
import { StreamError } from "../../stream-error.ts";

/** What a socket tells: `data` with a message, `code` when it is closed. */
export interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
}

/** As much of the browser's WebSocket as is used here. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  addEventListener(
    type: "open" | "message" | "error" | "close",
    listener: (event: SocketEvent) => void,
  ): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

type SingleFrame = Exclude<ServerFrame, readonly unknown[]>;

/** A frame that says whose it is. */
export type AddressedFrame = Exclude<SingleFrame, HeartbeatFrame>;

/** Why a socket was closed. */
export interface Closing {
  /** The relay's code, 1006 where it gave none. */
  readonly code: number;
  /** What the relay had said before, where it was about the socket. */
  readonly refusal?: RefusalFrame | undefined;
}

/** One who waits for frames on a line. */
export interface Hearer {
  readonly onFrame: (frame: AddressedFrame) => void;
  /** Something has come on the line, for whomever. */
  readonly onLife: () => void;
  /** Nothing more will come. */
  readonly onClosed: (closing: Closing) => void;
}

/** One open socket, and who listens on it. */
export interface Line {
  /**
   * `dead` once it is closed, or has been silent for longer than a living relay ever is; `leaving`
   * when the relay stops: what runs on it goes on, and nothing more should be asked on it.
   */
  state(): "open" | "leaving" | "dead";
  hear(ref: string, hearer: Hearer): void;
  forget(ref: string): void;
  send(frame: ClientFrame): void;
  close(): void;
}

export interface LineOptions {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly WebSocket: SocketConstructor;
  /** Gives the attempt to open it up. */
  readonly signal: AbortSignal;
}

/** How often all who listen hear that the line lives, whoever its frames are for, in milliseconds. */
const lifeMs = 1_000;

/**
 * Opens a socket.
 *
 * @throws StreamError `network` when it does not open.
 */
export function openLine({ url, protocols, WebSocket, signal }: LineOptions): Promise<Line> {
  return new Promise((resolve, reject) => {
    const hearers = new Map<string, Hearer>();
    let isClosed = false;
    // The relay's own default, until it has told.
    let heartbeatMs = 15_000;
    let lastFrameAt = 0;
    let toldLifeAt = 0;
    let isLeaving = false;
    let refusal: RefusalFrame | undefined;
    const socket = new WebSocket(url, [socketProtocol, ...protocols]);
    const giveUp = (): void => end(1000);

    function end(code: number): void {
      signal.removeEventListener("abort", giveUp);
      globalThis.removeEventListener?.("pagehide", giveUp);
      if (isClosed) return;
      isClosed = true;
      // A dead connection takes its time to say so: nobody waits for that.
      socket.close();
      reject(new StreamError("network", "The relay could not be reached."));
      for (const { onClosed } of hearers.values()) onClosed({ code, refusal });
    }

    function tellLife(frame: SingleFrame | undefined): void {
      lastFrameAt = Date.now();
      if (lastFrameAt - toldLifeAt >= lifeMs) {
        toldLifeAt = lastFrameAt;
        for (const { onLife } of hearers.values()) onLife();
      } else if (frame !== undefined && "ref" in frame && frame.ref !== undefined) {
        hearers.get(frame.ref)?.onLife();
      }
    }

    function pass(frame: SingleFrame): void {
      if (isRefusal(frame) && frame.ref === undefined) refusal = frame;
      if (!("ref" in frame)) return;
      if ("heartbeatMs" in frame) heartbeatMs = Number(frame.heartbeatMs) || heartbeatMs;
      isLeaving ||= "code" in frame && frame.code === "relay_draining";
      if (frame.ref !== undefined) hearers.get(frame.ref)?.onFrame(frame);
    }

    signal.addEventListener("abort", giveUp, { once: true });
    // A page with an open socket is not kept in the browser's cache.
    globalThis.addEventListener?.("pagehide", giveUp);
    if (signal.aborted) giveUp();
    socket.addEventListener("open", () => {
      signal.removeEventListener("abort", giveUp);
      lastFrameAt = Date.now();
      resolve({
        state() {
          if (isClosed || Date.now() - lastFrameAt > heartbeatMs + lifeMs) return "dead";
          return isLeaving ? "leaving" : "open";
        },
        hear: (ref, hearer) => void hearers.set(ref, hearer),
        forget: (ref) => void hearers.delete(ref),
        send(frame) {
          if (!isClosed) socket.send(JSON.stringify(frame));
        },
        close: giveUp,
      });
    });
    socket.addEventListener("message", ({ data }) => {
      if (isClosed) return;
      const frames = framesOf(data);
      if (frames === undefined) {
        end(socketCloseCodes.invalidFrames);
        return;
      }
      tellLife(frames[0]);
      for (const frame of frames) pass(frame);
    });
    // What went wrong, only the code of `close` tells.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", ({ code = 1006 }) => end(code));
  });
}

/** No stream came of a frame, or the socket is refused. A stream's own error has no status. */
export function isRefusal(frame: SingleFrame): frame is RefusalFrame {
  return frame.type === "error" && "status" in frame;
}

/** Events of one stream that came together are an array; undefined for what is no frame. */
function framesOf(data: unknown): readonly SingleFrame[] | undefined {
  try {
    const frame: ServerFrame = JSON.parse(String(data));
    return [frame].flat();
  } catch {
    return undefined;
  }
}
