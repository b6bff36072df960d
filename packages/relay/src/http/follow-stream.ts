import { RelayError, toRelayError } from "../errors.ts";
import { type FollowRequest, follow } from "../flow.ts";
import { LogBatch } from "../log/log-batch.ts";
import type { RelayContext } from "../stream/answer-request.ts";
import { reconnectDelayMs } from "../stream/read-kept.ts";
import { replyWithNothing } from "./reply.ts";
import { type ReaderParts, createReader } from "./response-reader.ts";
import type { AdmittedExchange } from "./router.ts";

/** `GET {base}/stream/{id}`: the stream from a cursor on, as the response to a request. */
export async function followStream(
  relay: RelayContext & ReaderParts,
  { streamId, after }: Omit<FollowRequest, "caller">,
  exchange: AdmittedExchange,
): Promise<void> {
  const { response, requestId, caller } = exchange;
  const reader = createReader(relay, exchange);
  try {
    const isMore = await follow(relay, { streamId, caller, after }, reader);
    // There is nothing more: a native EventSource stops asking.
    if (!isMore) replyWithNothing(response, requestId);
  } catch (failure) {
    const { code, retryAfterMs = 0 } = toRelayError(failure);
    const isTemporary = code === "relay_draining" || code === "overloaded";
    if (!isTemporary || response.headersSent) throw failure;
    // Any status but 200 would end a browser's EventSource for good.
    const { heartbeatMs, orphanGraceMs: resumableForMs } = relay;
    reader.open({ type: "start", streamId, resumable: true, resumableForMs, heartbeatMs });
    const retryMs = retryAfterMs + reconnectDelayMs();
    reader.write(new LogBatch(0, [{ type: "reconnect", retryMs }]));
    await reader.end();
  }
}

/**
 * The id of the last event that the reader has: `Last-Event-ID`, which a native EventSource sends
 * when it reconnects, else `?after=`.
 */
export function cursorOf({ request, query }: AdmittedExchange): number {
  return readCursor(request.headers["last-event-id"]?.toString() || afterIn(query));
}

/** `?after=` */
export function afterIn(query: string): string {
  return new URLSearchParams(query).get("after") ?? "";
}

/** @throws RelayError `invalid_request` for what is no id of an event; nothing is 0. */
export function readCursor(given: string): number {
  if (/^\d{0,15}$/.test(given)) return Number(given);
  throw new RelayError("invalid_request", "Last-Event-ID and after must be the id of an event.");
}
