import {
  type AdapterExchange,
  type AdapterRoute,
  RelayError,
  toRelayError,
  type WholeAnswer,
} from "@gatestream/relay/parts";
import { endOf } from "../refusal.ts";
import { createResponseFormat } from "./format.ts";
import { readResponseRequest } from "./request.ts";
import { type ResponseFacts, ResponseInProgress, streamIdOf } from "./response.ts";

const form = /^\/v1\/responses(?:\/(?<responseId>[^/]+)(?<cancel>\/cancel)?)?$/;

/** OpenAI's Responses: one is a stream, and its id is that of the stream. */
export function responseRoutesAt(path: string): readonly AdapterRoute[] {
  const match = form.exec(path);
  if (match === null) return [];
  const { responseId, cancel } = match.groups ?? {};
  if (responseId === undefined) return [{ method: "POST", run: create }];
  return cancel === undefined
    ? [{ method: "GET", run: (exchange) => retrieve(exchange, responseId) }]
    : [{ method: "POST", run: (exchange) => cancelResponse(exchange, responseId) }];
}

/** `POST {base}/v1/responses` */
async function create(exchange: AdapterExchange): Promise<void> {
  const request = readResponseRequest(await exchange.readJson(), exchange.allowedOptions);
  const { body, metadata, isStreamed, isBackground } = request;
  if (isBackground && !exchange.isResumable) {
    const problem = "background is not supported: this relay keeps no streams (resume is off).";
    throw new RelayError("invalid_request", `${problem} Leave it out.`);
  }
  const { receivedAt: startedAt, maxAnswerChars: maxChars } = exchange;
  const facts = { model: String(body.configurationId), startedAt, metadata, isBackground };
  if (isStreamed) return exchange.start(body, createResponseFormat({ facts, maxChars }));
  if (isBackground) {
    const response = new ResponseInProgress(await exchange.startUnread(body), facts);
    response.markQueued();
    return exchange.reply({ status: 200, body: response.object });
  }
  const answer = await exchange.collect(body);
  if (answer === undefined) return;
  endOf(answer);
  exchange.reply({ status: 200, body: responseOf(answer, facts) });
}

/** `GET {base}/v1/responses/{id}`: what there is so far, or with `stream=true` its events. */
async function retrieve(exchange: AdapterExchange, responseId: string): Promise<void> {
  const stream = await findStream(exchange, responseId);
  if (exchange.query.get("stream") === "true") {
    const startingAfter = numberIn(exchange.query.get("starting_after"));
    const { maxAnswerChars: maxChars } = exchange;
    const format = createResponseFormat({ facts: factsOf(stream), startingAfter, maxChars });
    await exchange.follow({ streamId: stream.streamId, after: 0 }, format);
  } else {
    await snapshot(exchange, stream);
  }
}

async function snapshot(exchange: AdapterExchange, stream: FoundStream): Promise<void> {
  const answer = await exchange.peek(stream);
  if (answer !== undefined)
    exchange.reply({ status: 200, body: responseOf(answer, factsOf(stream)) });
}

/** `POST {base}/v1/responses/{id}/cancel`: one that has ended stays as it is. */
async function cancelResponse(exchange: AdapterExchange, responseId: string): Promise<void> {
  const { streamId } = await findStream(exchange, responseId);
  await exchange.cancel(streamId);
  await snapshot(exchange, await findStream(exchange, responseId));
}

type FoundStream = Awaited<ReturnType<AdapterExchange["find"]>>;

async function findStream(exchange: AdapterExchange, responseId: string): Promise<FoundStream> {
  try {
    return await exchange.find(streamIdOf(responseId) ?? "");
  } catch (failure) {
    const { code } = toRelayError(failure);
    if (code !== "stream_not_found") throw failure;
    const problem = "There is no such response, or not any more";
    throw new RelayError(code, `${problem}: only those with background: true are kept.`);
  }
}

function factsOf({ configurationId, startedAt, metadata }: FoundStream): ResponseFacts {
  return {
    model: configurationId ?? "",
    startedAt: startedAt ?? 0,
    metadata: metadata ?? {},
    // No other is kept.
    isBackground: true,
  };
}

function responseOf({ start, events, isQueued }: WholeAnswer, facts: ResponseFacts): object {
  const response = new ResponseInProgress(start.streamId, facts);
  for (const event of events) response.accept(event);
  if (events.length === 0 && isQueued) response.markQueued();
  return response.object;
}

function numberIn(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RelayError("invalid_request", "starting_after must be a sequence_number.");
}
