import type { IncomingHttpHeaders } from "node:http";
import { requestIdHeader, type StartEvent, type StreamEvent } from "@gatestream/protocol";
import type { Caller } from "../access/caller.ts";
import { type RelayError, describeError, toRelayError } from "../errors.ts";
import {
  cancel,
  find,
  findRunning,
  follow,
  type FollowRequest,
  listStreams,
  start,
  startUnread,
} from "../flow.ts";
import type { FoundStream } from "../log/event-log.ts";
import { LogBatch } from "../log/log-batch.ts";
import { type RelayContext, readAnswerRequest, traceOf } from "../stream/answer-request.ts";
import type { Reader } from "../stream/reader.ts";
import { readJson } from "./body.ts";
import { CollectingReader } from "./collecting-reader.ts";
import { isTemporary } from "./follow-stream.ts";
import { replyWithJson, replyWithNothing, retryAfter } from "./reply.ts";
import { type ReaderParts, createReader } from "./response-reader.ts";
import type { AdmittedExchange, Route } from "./router.ts";
import type { OutputFormat } from "./sse.ts";

/** Lets clients of another ecosystem use the relay unchanged: PROTOCOL.md, "Adapters". */
export interface Adapter {
  /** What operators see in logs. */
  readonly name: string;
  /** The routes at a path below the base path, such as `/v1/models`; none where nothing is. */
  routesAt(path: string): readonly AdapterRoute[];
  /** What a refusal is for these clients. */
  refusal(error: RelayError, requestId: string): AdapterReply;
}

export interface AdapterRoute {
  readonly method: "GET" | "POST" | "DELETE";
  /** A `RelayError` that it throws is answered as the adapter's refusal. */
  run(exchange: AdapterExchange): Promise<void>;
}

export interface AdapterReply {
  readonly status: number;
  /** Sent as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string | number>>;
}

/** How one reader's answer is written: made for each, so that it may know which block is open. */
export interface AdapterFormat extends OutputFormat {
  /** Of the response, besides those of every stream. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether nothing comes after what it has encoded, though the answer continues: the response ends, and
   * its reader has left.
   *
   * @defaultValue false
   */
  readonly isOver?: boolean;
  /**
   * Whether a response without a terminal event is cut off instead of ended, for clients that take an
   * end for the whole answer, or resume only after a connection that broke.
   *
   * @defaultValue false
   */
  readonly cutsUnfinished?: boolean;
}

/** An answer that was collected. */
export interface WholeAnswer {
  readonly start: StartEvent;
  /** Without notices; where it has ended, the last one is the terminal event. */
  readonly events: readonly StreamEvent[];
  /** Whether it still waits for its turn. */
  readonly isQueued: boolean;
}

/** A request of a caller who may call, and what an adapter may do about it. */
export interface AdapterExchange {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  readonly requestId: string;
  /** When it came, in milliseconds since 1970: `startedAt` of a stream that it starts. */
  readonly receivedAt: number;
  readonly caller: Caller;
  /** Whether streams can be kept without a reader: `onDisconnect: "detach"`. */
  readonly isResumable: boolean;
  /** The longest answer that is kept, or collected, in UTF-16 code units of text. */
  readonly maxAnswerChars: number;
  /** The `configurationId`s that the caller may use, where the relay or the caller has a list. */
  readonly configurations: readonly string[] | undefined;
  /** The `options` of a request that are allowed. */
  readonly allowedOptions: readonly string[];
  /** @throws RelayError as for every request. */
  readJson(): Promise<unknown>;
  /** Starts an answer, as `POST {base}/stream` with this body, and streams it. */
  start(body: unknown, format: AdapterFormat): Promise<void>;
  /** Starts an answer that is read on other connections, and resolves with the id of its stream. */
  startUnread(body: unknown): Promise<string>;
  /**
   * Starts an answer and resolves with all of it; undefined when the reader has left.
   *
   * @throws RelayError why it was refused.
   */
  collect(body: unknown): Promise<WholeAnswer | undefined>;
  /**
   * Streams what comes after the event of this id, or all of it where the format has to know what came
   * before; false, and nothing is sent, when there is no more.
   */
  follow(
    asked: Omit<FollowRequest, "caller" | "isPolling">,
    format: AdapterFormat,
  ): Promise<boolean>;
  /** @throws RelayError `stream_not_found` for what the caller may not follow. */
  find(streamId: string): Promise<FoundStream>;
  /** What there is of a stream so far; undefined when the reader has left. */
  peek(stream: FoundStream): Promise<WholeAnswer | undefined>;
  /**
   * Answers with 200 and a stream of one event, the error, for clients that take any other status for
   * the end of an answer that they resume. What another relay may answer, or this one later, is cut off
   * without an event after the error's `retryAfterMs`, or a second.
   */
  failInStream(failure: unknown, format: AdapterFormat): Promise<void>;
  /** The caller's newest stream of a conversation that runs. */
  findRunning(conversationId: string): Promise<string | undefined>;
  /** The caller's streams of a conversation, the newest first. */
  listStreams(conversationId: string): Promise<readonly FoundStream[]>;
  cancel(streamId: string): Promise<void>;
  /** Answers with JSON, or with nothing: 204. */
  reply(reply?: AdapterReply): void;
}

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
    const given = { caller, requestId, idempotencyKey: undefined, transport: "http" } as const;
    const incomingTrace = traceOf(request.headers);
    return readAnswerRequest(relay, body, { ...given, incomingTrace, startedAt: receivedAt });
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
