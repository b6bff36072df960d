import { streamPath } from "@gatestream/protocol";
import { cancel } from "../flow.ts";
import { replyWithNothing } from "../transport/reply.ts";
import { followStream } from "./follow-stream.ts";
import type { AdmittedExchange, Route } from "./router.ts";
import { startStream, type StartStreamParts } from "./start-stream.ts";

/** What callers ask: PROTOCOL.md, "Starting a stream" and "Following, resuming, cancelling". */
export function streamRoutes(parts: StartStreamParts): readonly Route<AdmittedExchange>[] {
  async function cancelStream(exchange: AdmittedExchange): Promise<void> {
    await cancel(parts, exchange);
    replyWithNothing(exchange.response, exchange.requestId);
  }
  const start = new RegExp(`^${streamPath}$`);
  const one = new RegExp(`^${streamPath}/(?<streamId>[\\w-]+)$`);
  const cancelled = new RegExp(`^${streamPath}/(?<streamId>[\\w-]+)/cancel$`);
  return [
    { method: "POST", path: start, run: (exchange) => startStream(parts, exchange) },
    { method: "GET", path: one, run: (exchange) => followStream(parts, exchange) },
    { method: "DELETE", path: one, run: cancelStream },
    { method: "POST", path: cancelled, run: cancelStream },
  ];
}
