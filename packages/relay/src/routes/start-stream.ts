import { headerNames, streamPath } from "@gatestream/protocol";
import { start, startUnread } from "../flow.ts";
import type { AnswerRequest } from "../stream/answer-request.ts";
import { readJson } from "../transport/read-body.ts";
import { replyWithJson } from "../transport/reply.ts";
import { readAnswerRequest, traceOf, type RequestParts } from "./answer-request.ts";
import { createReader, type ReaderParts } from "./reader.ts";
import type { AdmittedExchange } from "./router.ts";

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
