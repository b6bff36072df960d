import { headerNames, streamPath } from "@gatestream/protocol";
import { readJson } from "../transport/read-body.ts";
import { replyWithJson } from "../transport/reply.ts";
import { createReader, type ReaderParts } from "./reader.ts";
import type { AdmittedExchange } from "./router.ts";
import {
  acceptOrder,
  runOrder,
  startOrder,
  traceOf,
  type StreamOrder,
  type StreamOrderParts,
} from "./stream-order.ts";

export interface StartStreamParts extends StreamOrderParts, ReaderParts {
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
  const order = acceptOrder(parts, {
    caller,
    requestId,
    body: await readJson(request, parts),
    idempotencyKey: headers["idempotency-key"]?.toString(),
    incomingTrace: traceOf(headers),
    transport: "http",
  });
  const isAsync = /\brespond-async\b/i.test(String(headers["prefer"]));
  if (isAsync) await replyWithAddress(parts, exchange, order);
  else await runOrder(parts, order, reader);
}

/** For who reads the stream on another connection. */
async function replyWithAddress(
  parts: StartStreamParts,
  { response, requestId }: AdmittedExchange,
  order: StreamOrder,
): Promise<void> {
  const { streamId } = await startOrder(parts, order);
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
