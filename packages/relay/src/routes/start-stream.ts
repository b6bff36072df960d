import { createHash, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { headerNames, streamPath } from "@gatestream/protocol";
import type { CheckConfiguration } from "../admission/configurations.ts";
import type { SubjectLimits } from "../admission/limits/subject-limits.ts";
import type { ReadStreamRequest } from "../admission/stream-request.ts";
import { RelayError } from "../errors.ts";
import { runAttached, type AttachedParts } from "../flow/attached-stream.ts";
import { startDetached, type StartedStream } from "../flow/detached-stream.ts";
import { follow } from "../flow/follow.ts";
import { refusalWithin } from "../flow/refusal-within.ts";
import type { Reader, StreamCall } from "../flow/stream-call.ts";
import type { ResumableLog } from "../log/event-log.ts";
import type { IncomingTrace } from "../observe/remote-trace.ts";
import { readJson } from "../transport/read-body.ts";
import { replyWithJson } from "../transport/reply.ts";
import { createReader, ownerOf, type ReaderParts } from "./reader.ts";
import type { AdmittedExchange } from "./router.ts";

export interface StartStreamParts extends AttachedParts, ReaderParts {
  /** Where detached streams are kept; without it there are none. */
  readonly resumableLog: ResumableLog | undefined;
  readonly orphanGraceMs: number;
  readonly basePath: string;
  readonly readStreamRequest: ReadStreamRequest;
  readonly checkConfiguration: CheckConfiguration;
  readonly limits: SubjectLimits;
  readonly maxBodyBytes: number;
}

/** `POST {base}/stream` */
export async function startStream(
  parts: StartStreamParts,
  exchange: AdmittedExchange,
): Promise<void> {
  const { request, response, requestId, caller } = exchange;
  const { headers } = request;
  const reader = createReader(parts, exchange);
  await parts.limits.countRequest(caller.subject);
  const streamRequest = parts.readStreamRequest(await readJson(request, parts));
  parts.checkConfiguration(caller, streamRequest.configurationId);
  const call: StreamCall = {
    // 128 random bits: not to be guessed.
    streamId: randomBytes(16).toString("base64url"),
    requestId,
    subject: caller.subject,
    owner: ownerOf(caller),
    request: streamRequest,
    incomingTrace: traceOf(headers),
  };
  const isAsync = /\brespond-async\b/i.test(String(headers["prefer"]));
  if (!isAsync && streamRequest.onDisconnect !== "detach") {
    const leave = parts.limits.enterStream(caller.subject);
    await runAttached(parts, call, reader).finally(leave);
    return;
  }

  const { resumableLog } = parts;
  if (resumableLog === undefined) throw resumptionIsOff(isAsync);
  const detachedParts = { ...parts, resumableLog };
  const stream = await start(detachedParts, call, headers);
  if (isAsync) {
    const { streamId } = stream;
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
    return;
  }
  await readFromStart(detachedParts, reader, stream);
}

type DetachedStartParts = StartStreamParts & { readonly resumableLog: ResumableLog };

/** Starts a detached stream, or finds the one that the same key of the same subject has started. */
async function start(
  parts: DetachedStartParts,
  call: StreamCall,
  headers: IncomingHttpHeaders,
): Promise<StartedStream> {
  const { limits } = parts;
  const key = keyOf(call.subject, headers["idempotency-key"]?.toString());
  const leave = limits.enterStream(call.subject);
  try {
    const stream = await startDetached(parts, call, key);
    if (stream.production === undefined) leave();
    else stream.production.done.then(leave, leave);
    return stream;
  } catch (failure) {
    leave();
    throw failure;
  }
}

async function readFromStart(
  parts: DetachedStartParts,
  reader: Reader,
  { streamId, resumable, production }: StartedStream,
): Promise<void> {
  const { channel } = reader;
  // Who waits for the gateway's word is a reader already.
  const leaveAudience = parts.running.find(streamId)?.audience?.join() ?? (() => {});
  channel.left.addEventListener("abort", leaveAudience, { once: true });
  if (channel.left.aborted) leaveAudience();
  try {
    const { firstByteGraceMs } = parts;
    const refusal = production && (await refusalWithin(firstByteGraceMs, production.accepted));
    if (refusal !== undefined) channel.refuse(refusal);
    // Who has left is no reader again, not even for a moment.
    else if (!channel.left.aborted) await follow(parts, reader, { streamId, after: 0, resumable });
  } finally {
    channel.left.removeEventListener("abort", leaveAudience);
    leaveAudience();
  }
}

function resumptionIsOff(isAsync: boolean): RelayError {
  const asked = isAsync ? "Prefer: respond-async" : 'onDisconnect "detach"';
  return new RelayError(
    "invalid_request",
    `${asked} needs resumption, which is off on this relay.`,
  );
}

/**
 * What a subject's `Idempotency-Key` is called in the log: nobody comes to another's stream with it.
 *
 * @throws RelayError `invalid_request` for a key that is too long.
 */
function keyOf(subject: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  if (!/^[\x21-\x7E]{1,200}$/.test(given)) {
    throw new RelayError(
      "invalid_request",
      "Idempotency-Key must be 1 to 200 visible ASCII characters.",
    );
  }
  return createHash("sha256")
    .update(JSON.stringify([subject, given]))
    .digest("base64url");
}

function traceOf({ traceparent, tracestate }: IncomingHttpHeaders): IncomingTrace {
  return { traceparent: traceparent?.toString(), tracestate: tracestate?.toString() };
}
