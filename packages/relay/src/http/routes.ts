import { requestIdHeader, streamIdHeader, streamPath } from "@gatestream/protocol";
import { cancel, start, startUnread } from "../flow.ts";
import type { RelayMetrics } from "../observe/observer.ts";
import {
  type AnswerRequest,
  type RelayContext,
  readAnswerRequest,
  traceOf,
} from "../stream/answer-request.ts";
import { readJson } from "./body.ts";
import { conversationRoutes } from "./conversation-routes.ts";
import { cursorOf, followStream } from "./follow-stream.ts";
import { reply, replyWithJson, replyWithNothing } from "./reply.ts";
import { type ReaderParts, createReader } from "./response-reader.ts";
import type { AdmittedExchange, Operations, RoutesAt } from "./router.ts";

/** Routes for callers: PROTOCOL.md, "Starting a stream" to "Finding an answer by its conversation". */
export function streamRoutes(relay: RelayContext & ReaderParts): RoutesAt {
  const streamForm = new RegExp(`^${streamPath}/(?<streamId>[\\w-]+)(?<cancel>/cancel)?$`);

  const conversationRoutesAt = conversationRoutes(relay);

  return (path) => {
    if (path === streamPath) {
      return [{ method: "POST", run: (exchange) => startStream(relay, exchange) }];
    }
    const { streamId, cancel: isCancel } = streamForm.exec(path)?.groups ?? {};
    if (streamId === undefined) return conversationRoutesAt(path);
    const cancelStream = async (exchange: AdmittedExchange): Promise<void> => {
      await cancel(relay, { streamId, caller: exchange.caller });
      replyWithNothing(exchange.response, exchange.requestId);
    };
    if (isCancel !== undefined) return [{ method: "POST", run: cancelStream }];
    return [
      {
        method: "GET",
        run: (exchange) => followStream(relay, { streamId, after: cursorOf(exchange) }, exchange),
      },
      { method: "DELETE", run: cancelStream },
    ];
  };
}

/** `POST {base}/stream` */
async function startStream(
  relay: RelayContext & ReaderParts,
  exchange: AdmittedExchange,
): Promise<void> {
  const { request, requestId, caller } = exchange;
  const { headers } = request;
  const reader = createReader(relay, exchange);
  await relay.limits.countRequest(caller.subject);
  const answerRequest = readAnswerRequest(relay, await readJson(request, relay), {
    caller,
    requestId,
    idempotencyKey: headers["idempotency-key"]?.toString(),
    incomingTrace: traceOf(headers),
    transport: "http",
  });
  const isAsync = /\brespond-async\b/i.test(String(headers["prefer"]));
  // Not awaited here: nothing of this function is kept while the answer runs.
  return isAsync
    ? replyWithAddress(relay, exchange, answerRequest)
    : start(relay, answerRequest, reader);
}

/** For a caller who reads the stream on another connection. */
async function replyWithAddress(
  relay: RelayContext,
  { response, requestId }: AdmittedExchange,
  request: AnswerRequest,
): Promise<void> {
  const { streamId } = await startUnread(relay, request);
  const url = `${relay.basePath}${streamPath}/${streamId}`;
  const headers = {
    Location: url,
    "Preference-Applied": "respond-async",
    [streamIdHeader]: streamId,
    [requestIdHeader]: requestId,
  };
  replyWithJson(response, 202, { streamId, url }, headers);
}

/** `degraded` still accepts streams: other relays are in the same state. */
export type Readiness =
  | { readonly status: "ready" | "draining" }
  | { readonly status: "degraded"; readonly reason: "log_away" };

const prometheusText = "text/plain; version=0.0.4; charset=utf-8";
const noMetrics =
  "Metrics need the package @gatestream/relay-metrics: npm install @gatestream/relay-metrics\n";

/**
 * What operators ask for: PROTOCOL.md, "Operations".
 *
 * @param readiness Whether streams should be sent here.
 */
export function createOperations(
  readiness: () => Readiness,
  metrics: Pick<RelayMetrics, "text">,
): Operations {
  return {
    async "/healthz"(response) {
      replyWithJson(response, 200, { status: "alive" });
    },
    async "/readyz"(response) {
      const answer = readiness();
      replyWithJson(response, answer.status === "draining" ? 503 : 200, answer);
    },
    async "/metrics"(response) {
      const body = await metrics.text();
      if (body !== undefined) reply(response, 200, { contentType: prometheusText, body });
      else reply(response, 501, { contentType: "text/plain; charset=utf-8", body: noMetrics });
    },
  };
}
