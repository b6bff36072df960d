import { EventEmitter, once } from "node:events";
import type { OutgoingHttpHeaders } from "node:http";
import type { ClientFrame } from "@gatestream/protocol";
import { WebSocket } from "ws";

/** A frame of the relay as a page sees it; each event of an array by itself. */
export interface SeenFrame {
  readonly type: string;
  readonly ref?: string;
  readonly streamId?: string;
  readonly id?: number;
  readonly [field: string]: unknown;
}

export interface PageOptions {
  /** @defaultValue `gatestream.v1` */
  readonly protocols?: readonly string[];
  readonly headers?: OutgoingHttpHeaders;
  /** @defaultValue `/api/llm/socket` */
  readonly path?: string;
  /** Whether pings are answered. @defaultValue true */
  readonly autoPong?: boolean;
}

/** A page with one socket; disposing it cuts the connection. */
export interface Page extends Disposable {
  readonly webSocket: WebSocket;
  /** All that has come. */
  readonly frames: readonly SeenFrame[];
  /** How many messages it came in. */
  readonly messageCount: number;
  send(frame: ClientFrame): void;
  /** The first frame, of those that have come or will, that is it. */
  until(isIt: (frame: SeenFrame) => boolean): Promise<SeenFrame>;
  /** What ends what comes for `ref`. */
  untilEnd(ref: string): Promise<SeenFrame>;
  /** What has come for `ref`. */
  framesOf(ref: string): readonly SeenFrame[];
  /** The text that has come for `ref`. */
  textOf(ref: string): string;
  /** The code and reason that the socket is closed with. */
  readonly closed: Promise<readonly [number, string]>;
}

const ends = new Set(["stop", "error", "done", "cut", "reconnect"]);

/** Begins to open a socket at the relay or host at `url`. */
export function createPage(url: string, options: PageOptions = {}): Page {
  const { protocols = ["gatestream.v1"], headers = {}, path = "/api/llm/socket" } = options;
  const { autoPong = true } = options;
  const webSocket = new WebSocket(`${url}${path}`, [...protocols], { headers, autoPong });
  const frames: SeenFrame[] = [];
  const arrivals = new EventEmitter().setMaxListeners(0);
  let messageCount = 0;
  webSocket.on("message", (data) => {
    messageCount += 1;
    frames.push(...[JSON.parse(String(data))].flat());
    arrivals.emit("more");
  });
  // A test that is refused asks for the response; the others see that the socket is closed.
  webSocket.on("error", () => {});
  const closed = new Promise<readonly [number, string]>((resolve) => {
    webSocket.once("close", (code, reason) => {
      resolve([code, String(reason)]);
      arrivals.emit("more");
    });
  });

  async function until(isIt: (frame: SeenFrame) => boolean): Promise<SeenFrame> {
    for (let at = 0; ; at += 1) {
      while (at >= frames.length) {
        if (webSocket.readyState === WebSocket.CLOSED) {
          throw new Error(`It was closed before: ${JSON.stringify(frames.slice(-5))}`);
        }
        await once(arrivals, "more");
      }
      const frame = frames[at];
      if (frame !== undefined && isIt(frame)) return frame;
    }
  }

  const framesOf = (ref: string): readonly SeenFrame[] =>
    frames.filter((frame) => frame.ref === ref);
  return {
    webSocket,
    frames,
    get messageCount() {
      return messageCount;
    },
    send: (frame) => webSocket.send(JSON.stringify(frame)),
    until,
    untilEnd: (ref) => until((frame) => frame.ref === ref && ends.has(frame.type)),
    framesOf,
    textOf: (ref) =>
      framesOf(ref)
        .map((frame) => (frame.type === "token" ? String(frame["content"]) : ""))
        .join(""),
    closed,
    [Symbol.dispose]: () => webSocket.terminate(),
  };
}

/** A page whose socket is open. */
export async function openPage(url: string, options: PageOptions = {}): Promise<Page> {
  const page = createPage(url, options);
  await once(page.webSocket, "open");
  return page;
}

/** The status and text that the handshake was refused with. */
export async function refusedHandshake(
  url: string,
  options: PageOptions = {},
): Promise<{ status: number; text: string }> {
  using page = createPage(url, options);
  const [, response] = await once(page.webSocket, "unexpected-response");
  let text = "";
  for await (const piece of response) text += String(piece);
  return { status: response.statusCode, text };
}
