import { headerNames, streamPath } from "@gatestream/protocol";
import { RelayError, toRelayError } from "../errors.ts";
import { cancel, follow, start, startUnread } from "../flow.ts";
import { LogBatch } from "../log/log-batch.ts";
import type { AnswerRequest } from "../stream/answer-request.ts";
import { reconnectDelayMs } from "../stream/read-kept.ts";
import type { RelayContext } from "../stream/relay-context.ts";
import { type RequestParts, readAnswerRequest, traceOf } from "./answer-request.ts";
import { readJson } from "./body.ts";
import { replyWithJson, replyWithNothing } from "./reply.ts";
import { type ReaderParts, createReader } from "./response-reader.ts";
import type { AdmittedExchange, Route } from "./router.ts";

/** Routes for callers: PROTOCOL.md, "Starting a stream" and "Following, resuming, cancelling". */
export function streamRoutes(parts: StartStreamParts): readonly Route<AdmittedExchange>[] {
  async function cancelStream(exchange: AdmittedExchange): Promise<void> {
    await cancel(parts, exchange);
    replyWithNothing(exchange.response, exchange.requestId);
  }
  const all = new RegExp(`^${streamPath}$`);
  const one = new RegExp(`^${streamPath}/(?<streamId>[\\w-]+)$`);
  const cancelled = new RegExp(`^${streamPath}/(?<streamId>[\\w-]+)/cancel$`);
  return [
    { method: "POST", path: all, run: (exchange) => startStream(parts, exchange) },
    { method: "GET", path: one, run: (exchange) => followStream(parts, exchange) },
    { method: "DELETE", path: one, run: cancelStream },
    { method: "POST", path: cancelled, run: cancelStream },
  ];
}

export interface StartStreamParts extends RequestParts, ReaderParts {
  readonly basePath: string;
  readonly maxBodyBytes: number;
}

/** `POST {base}/stream` */
export async function startStream(
  parts: StartStreamParts,
  exchange: AdmittedExchange,
): Promise<void> {
  const { request, requestId, caller } = exchange;
  const { headers } = request;
  const reader = createReader(parts, exchange);
  await parts.limits.countRequest(caller.subject);
  const answerRequest = readAnswerRequest(parts, {
    caller,
    requestId,
    body: await readJson(request, parts),
    idempotencyKey: headers["idempotency-key"]?.toString(),
    incomingTrace: traceOf(headers),
    transport: "http",
  });
  const isAsync = /\brespond-async\b/i.test(String(headers["prefer"]));
  if (isAsync) await replyWithAddress(parts, exchange, answerRequest);
  else await start(parts, answerRequest, reader);
}

/** For a caller who reads the stream on another connection. */
async function replyWithAddress(
  parts: StartStreamParts,
  { response, requestId }: AdmittedExchange,
  request: AnswerRequest,
): Promise<void> {
  const { streamId } = await startUnread(parts, request);
  const url = `${parts.basePath}${streamPath}/${streamId}`;
  replyWithJson(
    response,
    202,
    { streamId, url },
    {
      Location: url,
      "Preference-Applied": "respond-async",
      [headerNames.streamId]: streamId,
      [headerNames.requestId]: requestId,
    },
  );
}

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
 * when it reconnects, else `?after=`.
 */
function cursorOf({ request, query }: AdmittedExchange): number {
  const given = request.headers["last-event-id"]?.toString() || query.get("after") || "0";
  const cursor = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isNaN(cursor)) {
    throw new RelayError("invalid_request", "Last-Event-ID and after must be the id of an event.");
  }
  return cursor;
}
