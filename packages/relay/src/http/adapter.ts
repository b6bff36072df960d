import type { IncomingHttpHeaders } from "node:http";
import type { StartEvent, StreamEvent } from "@gatestream/protocol";
import type { Caller } from "../access/caller.ts";
import type { RelayError } from "../errors.ts";
import type { FollowRequest } from "../flow.ts";
import type { FoundStream } from "../log/event-log.ts";
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
