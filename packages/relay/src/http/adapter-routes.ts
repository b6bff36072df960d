import { requestIdHeader } from "@gatestream/protocol";
import type { Caller } from "../access/caller.ts";
import { type RelayError, describeError, toRelayError } from "../errors.ts";
import { cancel, find, findRunning, follow, listStreams, start, startUnread } from "../flow.ts";
import { LogBatch } from "../log/log-batch.ts";
import { type RelayContext, readAnswerRequest, traceOf } from "../stream/answer-request.ts";
import type { Reader } from "../stream/reader.ts";
import type { Adapter, AdapterExchange, AdapterFormat, AdapterReply } from "./adapter.ts";
import { readJson } from "./body.ts";
import { CollectingReader } from "./collecting-reader.ts";
import { isTemporary } from "./follow-stream.ts";
import { replyWithJson, replyWithNothing, retryAfter } from "./reply.ts";
import { type ReaderParts, createReader } from "./response-reader.ts";
import type { AdmittedExchange, Route } from "./router.ts";

export interface AdapterContext extends RelayContext, ReaderParts {
  readonly allowedConfigurations: readonly string[];
  readonly maxLogBytes: number;
}

/** The routes of an adapter, in the relay's own router. */
export function adapterRoutes(relay: AdapterContext, adapter: Adapter) {
  return (path: string): readonly Route[] =>
    adapter.routesAt(path).map(({ method, run }) => ({
      method,
      async run(exchange) {
        try {
          await run(exchangeOf(relay, adapter, exchange));
        } catch (failure) {
          const error = toRelayError(failure);
          const { response } = exchange;
          observeRefusal(relay, adapter, { ...exchange, error });
          if (response.headersSent && !response.writableEnded) response.destroy();
          else refuse(exchange, adapter, error);
        }
      },
    }));
}

function observeRefusal(
  { observe, basePath }: AdapterContext,
  { name }: Adapter,
  {
    request,
    requestId,
    error,
  }: Pick<AdmittedExchange, "request" | "requestId"> & { readonly error: RelayError },
): void {
  const { method = "" } = request;
  // Not the path itself: what is behind it may be the id of a conversation.
  const path = `${basePath}/${name}`;
  observe({ type: "request_refused", requestId, method, path, error });
}

/** Resolves after a while, or when the reader has left. */
function untilLeft(reader: Reader, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    reader.onLeft = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

const exposeHeader = "Access-Control-Expose-Headers";

function send(
  { response, requestId }: AdmittedExchange,
  { status, body, headers }: AdapterReply,
): void {
  // A page of another origin must see whether it may ask again.
  for (const name of response.hasHeader(exposeHeader) ? Object.keys(headers ?? {}) : []) {
    response.appendHeader(exposeHeader, name);
  }
  replyWithJson(response, status, body, { ...headers, [requestIdHeader]: requestId });
}

function refuse(exchange: AdmittedExchange, adapter: Adapter, error: RelayError): void {
  const { status, body, headers } = adapter.refusal(error, exchange.requestId);
  const all = { ...error.headers, ...retryAfter(error.retryAfterMs), ...headers };
  send(exchange, { status, body, headers: all });
}

function exchangeOf(
  relay: AdapterContext,
  adapter: Adapter,
  exchange: AdmittedExchange,
): AdapterExchange {
  const { request, response, requestId, caller, query } = exchange;
  const receivedAt = Date.now();

  function readerFor(format: AdapterFormat) {
    const given = { format, refuse: (error: RelayError) => refuse(exchange, adapter, error) };
    return createReader(relay, exchange, given);
  }

  function answerRequest(body: unknown) {
    return readAnswerRequest(relay, body, {
      caller,
      requestId,
      idempotencyKey: request.headers["idempotency-key"]?.toString(),
      incomingTrace: traceOf(request.headers),
      startedAt: receivedAt,
      transport: "http",
    });
  }

  function collector(untilId?: number) {
    const { endOnTokenExpiry, maxLogBytes: maxChars } = relay;
    const expiresAt = endOnTokenExpiry ? caller.expiresAt : undefined;
    const until = untilId === undefined ? {} : { untilId };
    return new CollectingReader(response, { requestId, expiresAt, maxChars, ...until });
  }

  return {
    headers: request.headers,
    query: new URLSearchParams(query),
    requestId,
    receivedAt,
    caller,
    isResumable: relay.log !== undefined,
    maxAnswerChars: relay.maxLogBytes,
    configurations: allowedTo(caller, relay.allowedConfigurations),
    allowedOptions: relay.allowedOptions,
    readJson: () => readJson(request, relay),
    async start(body, format) {
      const reader = readerFor(format);
      await relay.limits.countRequest(caller.subject);
      await start(relay, answerRequest(body), reader);
    },
    async startUnread(body) {
      await relay.limits.countRequest(caller.subject);
      return (await startUnread(relay, answerRequest(body))).streamId;
    },
    async collect(body) {
      const reader = collector();
      await relay.limits.countRequest(caller.subject);
      await start(relay, answerRequest(body), reader);
      return reader.answer();
    },
    follow: (asked, format) => follow(relay, { ...asked, caller }, readerFor(format)),
    find: (streamId) => find(relay, { streamId, caller }),
    async peek({ streamId, lastId }) {
      const reader = collector(lastId);
      await follow(relay, { streamId, caller, after: 0, isPolling: true }, reader);
      return reader.answer();
    },
    async failInStream(failure, format) {
      const error = toRelayError(failure);
      if (response.headersSent) throw error;
      observeRefusal(relay, adapter, { request, requestId, error });
      const { heartbeatMs } = relay;
      const reader = readerFor(format);
      reader.open({ type: "start", streamId: "", resumable: true, resumableForMs: 0, heartbeatMs });
      if (isTemporary(error)) {
        await untilLeft(reader, error.retryAfterMs ?? 1_000);
        reader.drop();
        return;
      }
      reader.write(new LogBatch(1, [{ type: "error", ...describeError(error, requestId) }]));
      await reader.end();
    },
    findRunning: (conversationId) => findRunning(relay, { conversationId, caller }),
    listStreams: (conversationId) => listStreams(relay, { conversationId, caller }),
    cancel: (streamId) => cancel(relay, { streamId, caller }),
    reply(reply) {
      if (reply === undefined) replyWithNothing(response, requestId);
      else send(exchange, reply);
    },
  };
}

/** What both lists name; undefined where there is none. */
function allowedTo(
  { configurations }: Caller,
  allowed: readonly string[],
): readonly string[] | undefined {
  if (configurations === undefined) return allowed.length === 0 ? undefined : allowed;
  return allowed.length === 0
    ? configurations
    : configurations.filter((configuration) => allowed.includes(configuration));
}
