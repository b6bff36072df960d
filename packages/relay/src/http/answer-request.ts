import type { IncomingHttpHeaders } from "node:http";
import type { CheckConfiguration } from "../access/caller.ts";
import type { ReadStreamRequest } from "../access/stream-request.ts";
import { ownerOf } from "../flow.ts";
import type { IncomingTrace } from "../observe/trace.ts";
import type { AnswerRequest } from "../stream/answer-request.ts";
import { newStreamId } from "../stream/idempotency-key.ts";
import type { RelayContext } from "../stream/relay-context.ts";

export interface RequestParts extends RelayContext {
  readonly readStreamRequest: ReadStreamRequest;
  readonly checkConfiguration: CheckConfiguration;
}

/** What a caller asks for, however it came. */
export interface GivenRequest extends Omit<AnswerRequest, "streamId" | "owner" | "request"> {
  readonly body: unknown;
}

/** @throws RelayError `invalid_request` or `forbidden` for what may not be asked for. */
export function readAnswerRequest(
  { readStreamRequest, checkConfiguration }: RequestParts,
  { body, ...given }: GivenRequest,
): AnswerRequest {
  const request = readStreamRequest(body);
  checkConfiguration(given.caller, request.configurationId);
  return { ...given, streamId: newStreamId(), owner: ownerOf(given.caller), request };
}

/** The trace that a request belongs to. */
export function traceOf({ traceparent, tracestate }: IncomingHttpHeaders): IncomingTrace {
  return { traceparent: traceparent?.toString(), tracestate: tracestate?.toString() };
}
