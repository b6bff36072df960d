import { RelayError, toRelayError } from "../errors.ts";
import { follow } from "../flow.ts";
import { LogBatch } from "../log/log-batch.ts";
import { reconnectDelayMs } from "../stream/read-kept.ts";
import type { RelayContext } from "../stream/relay-context.ts";
import { replyWithNothing } from "../transport/reply.ts";
import { createReader, type ReaderParts } from "./reader.ts";
import type { AdmittedExchange } from "./router.ts";

/** `GET {base}/stream/{id}` */
export async function followStream(
  parts: RelayContext & ReaderParts,
  exchange: AdmittedExchange,
): Promise<void> {
  const { response, requestId, streamId, caller } = exchange;
  const reader = createReader(parts, exchange);
  const after = cursorOf(exchange);
  try {
    const isMore = await follow(parts, { streamId, caller, after }, reader);
    // There is nothing more: a native EventSource stops asking.
    if (!isMore) replyWithNothing(response, requestId);
  } catch (failure) {
    const { code, retryAfterMs = 0 } = toRelayError(failure);
    const isTemporary = code === "relay_draining" || code === "overloaded";
    if (!isTemporary || response.headersSent) throw failure;
    // Any status but 200 would end a browser's EventSource for good.
    const { heartbeatMs, orphanGraceMs: resumableForMs } = parts;
    reader.open({ type: "start", streamId, resumable: true, resumableForMs, heartbeatMs });
    const retryMs = retryAfterMs + reconnectDelayMs();
    reader.write(new LogBatch(0, [{ type: "reconnect", retryMs }]));
    await reader.end();
  }
}

/**
 * The id of the last event that the reader has: `Last-Event-ID`, which a native EventSource sends
 * when it comes back, else `?after=`.
 */
function cursorOf({ request, query }: AdmittedExchange): number {
  const given = request.headers["last-event-id"]?.toString() || query.get("after") || "0";
  const cursor = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isNaN(cursor)) {
    throw new RelayError("invalid_request", "Last-Event-ID and after must be the id of an event.");
  }
  return cursor;
}
