import {
  socketCloseCodes,
  socketProtocol,
  type ClientFrame,
  type HeartbeatFrame,
  type RefusalFrame,
  type ServerFrame,
} from "@gatestream/protocol";
import { StreamError } from "../../stream-error.ts";

/** An event of a socket: `data` with a message, `code` when it is closed. */
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
  /** The refusal of the socket that the relay has sent before. */
  readonly refusal?: RefusalFrame | undefined;
}

/** The callbacks for the frames of one `ref`. */
export interface SocketListener {
  readonly onFrame: (frame: AddressedFrame) => void;
  /** A frame was received, for any `ref`. */
  readonly onActivity: () => void;
  /** Nothing more will come. */
  readonly onClosed: (closing: Closing) => void;
}

/** One open socket, and who listens on it. */
export interface Socket {
  /**
   * `dead` once it is closed, or has been silent for longer than a living relay ever is; `leaving`
   * when the relay is stopping: running streams continue, but no new one may start on it.
   */
  state(): "open" | "leaving" | "dead";
  listen(ref: string, listener: SocketListener): void;
  forget(ref: string): void;
  send(frame: ClientFrame): void;
  close(): void;
}

export interface SocketOptions {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly WebSocket: SocketConstructor;
  /** Aborts the attempt to open it. */
  readonly signal: AbortSignal;
}

/** The shortest time between two calls of every `onActivity`, in milliseconds. */
const activityMs = 1_000;

/**
 * Opens a socket.
 *
 * @throws StreamError `network` when it does not open.
 */
export function openSocket({ url, protocols, WebSocket, signal }: SocketOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const listeners = new Map<string, SocketListener>();
    let isClosed = false;
    // The relay's default, until `start` says.
    let heartbeatMs = 15_000;
    let lastFrameAt = 0;
    let reportedAt = 0;
    let isLeaving = false;
    let refusal: RefusalFrame | undefined;
    const socket = new WebSocket(url, [socketProtocol, ...protocols]);
    const giveUp = (): void => end(1000);

    function end(code: number): void {
      signal.removeEventListener("abort", giveUp);
      globalThis.removeEventListener?.("pagehide", giveUp);
      if (isClosed) return;
      isClosed = true;
      // A dead connection may take long to close.
      socket.close();
      reject(new StreamError("network", "The relay could not be reached."));
      for (const { onClosed } of listeners.values()) onClosed({ code, refusal });
    }

    function reportActivity(frame: SingleFrame | undefined): void {
      lastFrameAt = Date.now();
      if (lastFrameAt - reportedAt >= activityMs) {
        reportedAt = lastFrameAt;
        for (const { onActivity } of listeners.values()) onActivity();
      } else if (frame !== undefined && "ref" in frame && frame.ref !== undefined) {
        listeners.get(frame.ref)?.onActivity();
      }
    }

    function pass(frame: SingleFrame): void {
      if (isRefusal(frame) && frame.ref === undefined) refusal = frame;
      if (!("ref" in frame)) return;
      if ("heartbeatMs" in frame) heartbeatMs = Number(frame.heartbeatMs) || heartbeatMs;
      isLeaving ||= "code" in frame && frame.code === "relay_draining";
      if (frame.ref !== undefined) listeners.get(frame.ref)?.onFrame(frame);
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
          if (isClosed || Date.now() - lastFrameAt > heartbeatMs + activityMs) return "dead";
          return isLeaving ? "leaving" : "open";
        },
        listen: (ref, listener) => void listeners.set(ref, listener),
        forget: (ref) => void listeners.delete(ref),
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
      reportActivity(frames[0]);
      for (const frame of frames) pass(frame);
    });
    // Only `close` has a code.
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
