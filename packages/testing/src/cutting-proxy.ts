import { type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { startHost, type Host } from "./host.ts";

/** How a proxy gives up on an event stream: a connection that breaks, also inside an event, or a clean end. */
export type CutKind = "broken" | "broken inside an event" | "ended";

export interface Cut {
  /** The Server-Sent Events that pass before. */
  readonly after: number;
  readonly how: CutKind;
}

export interface CuttingProxyOptions {
  /** Where the request of this number goes, from 0. */
  readonly upstream: (index: number) => string;
  /** What becomes of its response; undefined for nothing. */
  readonly cut: (index: number) => Cut | undefined;
}

/** An HTTP proxy that cuts off event streams where a test wants it. */
export function startCuttingProxy({ upstream, cut }: CuttingProxyOptions): Promise<Host> {
  let count = 0;
  return startHost((request, response) => {
    const index = count;
    count += 1;
    const { method, headers } = request;
    const asking = httpRequest(new URL(request.url ?? "/", upstream(index)), { method, headers });
    request.pipe(asking);
    asking.on("error", () => response.destroy());
    response.once("close", () => asking.destroy());
    asking.once("response", (answer) => {
      const { "content-length": _, ...passed } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, passed);
      response.flushHeaders();
      answer.on("error", () => response.destroy());
      const wanted = cut(index);
      if (wanted === undefined) answer.pipe(response);
      else passUntil(wanted, answer, response);
    });
  });
}

function passUntil({ after, how }: Cut, answer: IncomingMessage, response: ServerResponse): void {
  let held = Buffer.alloc(0);
  let count = 0;
  let isCut = false;
  answer.on("data", (bytes: Buffer) => {
    if (isCut) return;
    held = Buffer.concat([held, bytes]);
    let length = 0;
    while (count < after && held.includes("\n\n", length)) {
      length = held.indexOf("\n\n", length) + 2;
      count += 1;
    }
    const isReached =
      count === after && (how !== "broken inside an event" || held.length > length + 1);
    const rest = how === "broken inside an event" && isReached ? (held.length - length) / 2 : 0;
    const passed = held.subarray(0, length + rest);
    held = held.subarray(length);
    isCut = isReached;
    if (!isReached) response.write(passed);
    else if (how === "ended") response.end(passed);
    else response.write(passed, () => response.destroy());
  });
  answer.on("end", () => {
    if (!isCut) response.end(held);
  });
}
