import { eventStreamType } from "@gatestream/protocol";
import { RelayError, toRelayError } from "../errors.ts";
import { type FollowRequest, follow } from "../flow.ts";
import { LogBatch } from "../log/log-batch.ts";
import type { RelayContext } from "../stream/answer-request.ts";
import { reconnectDelayMs } from "../stream/read-kept.ts";
import { PollReader } from "./poll-reader.ts";
import { replyWithNothing } from "./reply.ts";
import { type ReaderParts, createReader, refusePipelined } from "./response-reader.ts";
import type { AdmittedExchange } from "./router.ts";

/** A stream, and from where it is asked for. */
type Asked = Pick<FollowRequest, "streamId" | "after">;

/** `GET {base}/stream/{id}`: an event stream, or one answer in JSON where that is preferred. */
export function followStream(
  relay: RelayContext & ReaderParts,
  asked: Asked,
  exchange: AdmittedExchange,
): Promise<void> {
  // A host's own format of this type comes first.
  const hasJsonFormat = relay.formats.some(({ mediaType }) => mediaType === jsonType);
  const isPoll = !hasJsonFormat && prefersJson(exchange.request.headers.accept);
  return isPoll ? pollStream(relay, asked, exchange) : streamEvents(relay, asked, exchange);
}

async function streamEvents(
  relay: RelayContext & ReaderParts,
  { streamId, after }: Asked,
  exchange: AdmittedExchange,
): Promise<void> {
  const { response, requestId, caller } = exchange;
  const reader = createReader(relay, exchange);
  try {
    const isMore = await follow(relay, { streamId, caller, after }, reader);
    // There is nothing more: a native EventSource stops asking.
    if (!isMore) replyWithNothing(response, requestId);
  } catch (failure) {
    const error = toRelayError(failure);
    if (!isTemporary(error) || response.headersSent) throw failure;
    // Any status but 200 would end a browser's EventSource for good.
    const { heartbeatMs, orphanGraceMs: resumableForMs } = relay;
    reader.open({ type: "start", streamId, resumable: true, resumableForMs, heartbeatMs });
    const retryMs = (error.retryAfterMs ?? 0) + reconnectDelayMs();
    reader.write(new LogBatch(0, [{ type: "reconnect", retryMs }]));
    await reader.end();
  }
}

/** Whether another relay may have the stream, or this one later. */
export function isTemporary({ code }: RelayError): boolean {
  return code === "relay_draining" || code === "overloaded";
}

/** PROTOCOL.md, "Long poll". */
async function pollStream(
  relay: RelayContext & ReaderParts,
  { streamId, after }: Asked,
  { request, response, requestId, caller, query }: AdmittedExchange,
): Promise<void> {
  const { endOnTokenExpiry, maxBufferedBytes, slowConsumerTimeoutMs } = relay;
  refusePipelined(request, response);
  const reader = new PollReader(response, {
    streamId,
    requestId,
    expiresAt: endOnTokenExpiry ? caller.expiresAt : undefined,
    after,
    waitMs: 1_000 * readWaitSeconds(query),
    maxBufferedBytes,
    slowConsumerTimeoutMs,
  });
  const isMore = await follow(relay, { streamId, caller, after, isPolling: true }, reader);
  if (!isMore) await reader.endOver();
}

const waitSeconds = { usual: "25", most: 60 };

function readWaitSeconds(query: string): number {
  const given = new URLSearchParams(query).get("wait") ?? waitSeconds.usual;
  if (/^\d{1,2}$/.test(given) && Number(given) <= waitSeconds.most) return Number(given);
  throw new RelayError("invalid_request", `wait must be 0 to ${waitSeconds.most} seconds.`);
}

const jsonType = "application/json";

/** Whether `Accept` names JSON with more weight than event streams. Wildcards name neither. */
function prefersJson(accept = ""): boolean {
  return weightIn(accept, jsonType) > weightIn(accept, eventStreamType);
}

/** RFC 9110, "Quality Values". */
function weightIn(accept: string, mediaType: string): number {
  for (const range of accept.toLowerCase().split(",")) {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim());
    if (name !== mediaType) continue;
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    return weight === undefined ? 1 : Number(weight.slice(2));
  }
  return 0;
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
