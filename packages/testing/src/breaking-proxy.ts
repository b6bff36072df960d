import { EventEmitter, once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { setImmediate as loopTurn } from "node:timers/promises";
import { startHost, type Host } from "./host.ts";

/**
 * How a response is cut: its connection is reset, or closed; or it ends as if that were all of it, which
 * no relay does, but what stands before one may.
 */
export type Cut = "reset" | "close" | "end";

/** What becomes of the body of a response. */
export interface BodyFault {
  /** So many bytes at once, each piece in a turn of the event loop of its own. @defaultValue as they come */
  readonly pieceBytes?: number;
  /** How many bytes, or Server-Sent Events, get through, and what happens then. @defaultValue all of them */
  readonly cut?: ({ readonly atByte: number } | { readonly afterEvents: number }) & {
    readonly by: Cut;
  };
}

/** An HTTP proxy whose faults a test chooses; `await using` closes it, and all connections. */
export interface BreakingProxy extends Pick<Host, "url" | typeof Symbol.asyncDispose> {
  /** What the latest response's body is so far, as it came. */
  readonly body: Buffer;
  /** What becomes of the next response; those after it pass as they are. */
  breakNext(fault: BodyFault): void;
  /** Resolves once `text` has passed in a response. */
  untilPassed(text: string): Promise<void>;
}

export async function startBreakingProxy(upstreamUrl: string): Promise<BreakingProxy> {
  const passing = new EventEmitter();
  let body: Buffer = Buffer.alloc(0);
  let next: BodyFault = {};

  const host = await startHost((request, response) => {
    const { method, headers } = request;
    const asking = httpRequest(new URL(request.url ?? "/", upstreamUrl), { method, headers });
    const hangUp = (): void => void response.destroy();
    request.pipe(asking);
    asking.on("error", hangUp);
    response.once("close", () => asking.destroy());
    asking.once("response", (upstream) => {
      const fault = next;
      next = {};
      body = Buffer.alloc(0);
      pass(upstream, response, fault).catch(hangUp);
    });
  });

  async function pass(
    upstream: IncomingMessage,
    response: ServerResponse,
    { pieceBytes, cut }: BodyFault,
  ): Promise<void> {
    // A cut response has another length than its header says.
    const { "content-length": _, ...headers } = upstream.headers;
    response.writeHead(upstream.statusCode ?? 502, headers).flushHeaders();
    const untilCut = cut && "afterEvents" in cut ? eventsIn(cut.afterEvents) : undefined;
    let rest = cut && "atByte" in cut ? cut.atByte : Infinity;
    for await (const chunk of upstream as AsyncIterable<Buffer>) {
      rest = untilCut?.(chunk) ?? rest;
      const whole = chunk.subarray(0, rest);
      for (let at = 0; at < whole.length; at += pieceBytes ?? whole.length) {
        const piece = whole.subarray(at, pieceBytes && at + pieceBytes);
        await new Promise<void>((resolve, reject) => {
          response.write(piece, (error) => (error ? reject(error) : resolve()));
        });
        if (pieceBytes !== undefined) await loopTurn();
      }
      body = Buffer.concat([body, whole]);
      passing.emit("piece");
      rest -= chunk.length;
      if (rest <= 0 && cut !== undefined) break;
    }
    if (cut?.by === "reset") response.socket?.resetAndDestroy();
    else if (cut?.by === "close") response.socket?.end();
    else response.end();
  }

  return {
    url: host.url,
    get body() {
      return body;
    },
    breakNext(fault) {
      next = fault;
    },
    async untilPassed(text) {
      while (!body.includes(text)) await once(passing, "piece");
    },
    [Symbol.asyncDispose]: host[Symbol.asyncDispose],
  };
}

/** How many bytes of each piece get through, until so many events have; undefined for all of a piece. */
function eventsIn(count: number): (piece: Buffer) => number | undefined {
  let left = count;
  let isLineEmpty = false;
  return (piece) => {
    for (const [index, byte] of piece.entries()) {
      const isEnd = byte === 0x0a;
      if (isEnd && isLineEmpty) left -= 1;
      if (left === 0) return index + 1;
      isLineEmpty = isEnd;
    }
    return undefined;
  };
}
