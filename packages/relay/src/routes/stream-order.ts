import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../admission/caller.ts";
import type { CheckConfiguration } from "../admission/configurations.ts";
import type { SubjectLimits } from "../admission/limits/subject-limits.ts";
import type { ReadStreamRequest } from "../admission/stream-request.ts";
import { RelayError } from "../errors.ts";
import { runAttached, type AttachedParts } from "../flow/attached-stream.ts";
import { startDetached, type StartedStream } from "../flow/detached-stream.ts";
import { follow } from "../flow/follow.ts";
import { newStreamId, readIdempotencyKey } from "../flow/idempotency-key.ts";
import { refusalWithin } from "../flow/refusal-within.ts";
import type { Reader, StreamCall } from "../flow/stream-call.ts";
import type { ResumableLog } from "../log/event-log.ts";
import type { Transport } from "../observe/observer.ts";
import type { IncomingTrace } from "../observe/remote-trace.ts";
import { notFound } from "./follow-stream.ts";
import { ownerOf } from "./reader.ts";

export interface StreamOrderParts extends AttachedParts {
  /** Where detached streams are kept; without it there are none. */
  readonly resumableLog: ResumableLog | undefined;
  readonly readStreamRequest: ReadStreamRequest;
  readonly checkConfiguration: CheckConfiguration;
  readonly limits: SubjectLimits;
}

/** What a caller asks for, however it came. */
export interface StreamWish {
  readonly caller: Caller;
  readonly requestId: string;
  readonly body: unknown;
  /** What the same wish would have again. */
  readonly idempotencyKey: string | undefined;
  readonly incomingTrace: IncomingTrace;
  readonly transport: Transport;
}

/** A stream that may be started. */
export interface StreamOrder {
  readonly call: StreamCall;
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
  /** Hears the id of the stream as soon as that can be cancelled. */
  readonly onFound?: (streamId: string) => void;
}

/** @throws RelayError `invalid_request` or `forbidden` for what may not be asked for. */
export function acceptOrder(
  parts: StreamOrderParts,
  { caller, requestId, body, idempotencyKey, incomingTrace, transport }: StreamWish,
): StreamOrder {
  const request = parts.readStreamRequest(body);
  parts.checkConfiguration(caller, request.configurationId);
  const call: StreamCall = {
    streamId: newStreamId(),
    requestId,
    subject: caller.subject,
    owner: ownerOf(caller),
    request,
    incomingTrace,
    transport,
  };
  return { call, caller, idempotencyKey };
}

/** The whole way of a stream that is read by whoever has asked for it. */
export async function runOrder(
  parts: StreamOrderParts,
  order: StreamOrder,
  reader: Reader,
): Promise<void> {
  const { call, onFound } = order;
  // Without a log for them, detached streams end with their reader as attached ones do.
  if (call.request.onDisconnect === "detach" && parts.resumableLog !== undefined) {
    const leaveReaders = parts.limits.enterReader(call.subject);
    try {
      const stream = await startOrder(parts, order);
      onFound?.(stream.streamId);
      await readFromStart(parts, reader, stream);
    } finally {
      leaveReaders();
    }
    return;
  }
  const leave = parts.limits.enterStream(call.subject);
  const run = runAttached(parts, call, reader).finally(leave);
  onFound?.(call.streamId);
  await run;
}

/**
 * Starts a detached stream, or finds the one that the same key of the same subject has started.
 *
 * @throws RelayError `invalid_request` where resumption is off.
 */
export async function startOrder(
  parts: StreamOrderParts,
  { call, caller, idempotencyKey }: StreamOrder,
): Promise<StartedStream> {
  const { limits, resumableLog } = parts;
  if (resumableLog === undefined) {
    throw new RelayError(
      "invalid_request",
      "Prefer: respond-async needs resumption, which is off on this relay.",
    );
  }
  const key =
    idempotencyKey === undefined
      ? undefined
      : readIdempotencyKey(caller, idempotencyKey, call.request);
  const { streamId } = key ?? call;
  const takeSlot = (): (() => void) => limits.enterStream(call.subject);
  return startDetached({ ...parts, resumableLog }, { ...call, streamId }, { key, takeSlot });
}

async function readFromStart(
  parts: StreamOrderParts,
  reader: Reader,
  { streamId, resumable, production, discard }: StartedStream,
): Promise<void> {
  const { resumableLog } = parts;
  if (resumableLog === undefined) throw notFound();
  const { channel } = reader;
  // Who waits for the gateway's word is a reader already.
  const leaveAudience = parts.running.find(streamId)?.audience?.join() ?? (() => {});
  channel.left.addEventListener("abort", leaveAudience, { once: true });
  if (channel.left.aborted) leaveAudience();
  // Its log failed: nothing more would come.
  production?.done.catch(() => channel.drop());
  try {
    const { firstByteGraceMs } = parts;
    const refusal = production && (await refusalWithin(firstByteGraceMs, production.accepted));
    if (refusal !== undefined) {
      channel.refuse(refusal);
      // A refusal does not tell the id.
      const forget = (): void => discard?.(refusal);
      production?.done.then(forget, forget);
    } else if (!channel.left.aborted) {
      // A reader that has left does not become one again.
      await follow({ ...parts, resumableLog }, reader, { streamId, after: 0, resumable });
    }
  } finally {
    channel.left.removeEventListener("abort", leaveAudience);
    leaveAudience();
  }
}

/** The trace that a request belongs to. */
export function traceOf({ traceparent, tracestate }: IncomingHttpHeaders): IncomingTrace {
  return { traceparent: traceparent?.toString(), tracestate: tracestate?.toString() };
}
