import { randomFillSync } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { StreamRequest } from "@gatestream/protocol";
import type { Caller, CheckConfiguration, MayFollow } from "../access/caller.ts";
import type { SubjectLimits } from "../access/limits.ts";
import { readStreamRequest } from "../access/stream-request.ts";
import type { Provider } from "../gateway/provider.ts";
import type { ResumableLog } from "../log/event-log.ts";
import type { Audit } from "../observe/audit.ts";
import type { Observer, Transport } from "../observe/observer.ts";
import type { IncomingTrace, StartTrace } from "../observe/trace.ts";
import type { Streams } from "./streams.ts";

/** What the operations on streams, and the transports that call them, need of the relay. */
export interface RelayContext {
  readonly provider: Provider;
  /** Where detached streams are kept; without it there are none. */
  readonly log: ResumableLog | undefined;
  readonly streams: Streams;
  readonly limits: SubjectLimits;
  readonly checkConfiguration: CheckConfiguration;
  /** Whether a caller may follow another caller's stream. By default callers only follow their own. */
  readonly mayFollow: MayFollow | undefined;
  readonly observe: Observer;
  readonly startTrace: StartTrace;
  /** The operator's record, where there is one. */
  readonly audit: Audit | undefined;
  // What they are stands in `settings/setting-table.ts`.
  readonly allowedOptions: readonly string[];
  readonly basePath: string;
  readonly endOnTokenExpiry: boolean;
  readonly firstByteGraceMs: number;
  readonly heartbeatMs: number;
  readonly maxBodyBytes: number;
  readonly maxBufferedBytes: number;
  readonly orphanGraceMs: number;
  readonly slowConsumerTimeoutMs: number;
}

/** An admitted request for an answer, however it came. */
export interface AnswerRequest {
  /** The id that a new stream gets. */
  readonly streamId: string;
  readonly requestId: string;
  readonly caller: Caller;
  /** Who may resume and cancel the stream; empty where its id is all that is asked for. */
  readonly owner: string;
  readonly request: StreamRequest;
  /** What a retry of the same request has again. */
  readonly idempotencyKey: string | undefined;
  /** The trace that the request belongs to. */
  readonly incomingTrace: IncomingTrace;
  /** How it came. */
  readonly transport: Transport;
  /** When it came, in milliseconds since 1970. @defaultValue when its stream is made */
  readonly startedAt?: number;
  /** Called with the id of the stream as soon as that can be cancelled. */
  readonly onFound?: (streamId: string) => void;
}

/**
 * Reads what a caller asks for.
 *
 * @throws RelayError `invalid_request` or `forbidden` for what may not be asked for.
 */
export function readAnswerRequest(
  {
    checkConfiguration,
    allowedOptions,
  }: Pick<RelayContext, "allowedOptions" | "checkConfiguration">,
  body: unknown,
  given: Omit<AnswerRequest, "streamId" | "owner" | "request">,
): AnswerRequest {
  const request = readStreamRequest(body, allowedOptions);
  checkConfiguration(given.caller, request.configurationId);
  return { ...given, streamId: newStreamId(), owner: ownerOf(given.caller), request };
}

/** For many ids at once: one by one, the system's random bytes cost 27 times as much. */
const randomPool = Buffer.allocUnsafeSlow(4096);
let usedBytes = randomPool.length;

/** 128 random bits: not to be guessed. */
export function newStreamId(): string {
  if (usedBytes === randomPool.length) {
    randomFillSync(randomPool);
    usedBytes = 0;
  }
  usedBytes += 16;
  return randomPool.toString("base64url", usedBytes - 16, usedBytes);
}

/**
 * Whose a stream is: only they may resume and cancel it. Anonymous callers are known by an address
 * alone, which changes on the way: there the stream's id is what proves it.
 */
export function ownerOf({ subject, isAnonymous = false }: Caller): string {
  return isAnonymous ? "" : subject;
}

/** The trace that a request belongs to. */
export function traceOf({ traceparent, tracestate }: IncomingHttpHeaders): IncomingTrace {
  return { traceparent: traceparent?.toString(), tracestate: tracestate?.toString() };
}
