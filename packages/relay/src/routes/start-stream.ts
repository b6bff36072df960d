import type { IncomingMessage, ServerResponse } from "node:http";
import type { StreamRequest } from "@gatestream/protocol";
import type { CheckConfiguration } from "../admission/configurations.ts";
import type { SubjectLimits } from "../admission/limits/subject-limits.ts";
import type { ReadStreamRequest } from "../admission/stream-request.ts";
import { RelayError } from "../errors.ts";
import { runStream, type FlowParts } from "../flow.ts";
import type { IncomingTrace } from "../observe/remote-trace.ts";
import type { OutputFormat } from "../output/format.ts";
import { createHttpChannel } from "../transport/http-channel.ts";
import { readJson } from "../transport/read-body.ts";
import { createExpiry } from "./expiry.ts";
import type { AdmittedExchange } from "./router.ts";
import type { RunningStreams } from "./running-streams.ts";

export interface StartStreamParts extends FlowParts {
  readonly running: RunningStreams;
  readonly formats: readonly [OutputFormat, ...OutputFormat[]];
  readonly readStreamRequest: ReadStreamRequest;
  readonly checkConfiguration: CheckConfiguration;
  readonly limits: SubjectLimits;
  readonly endOnTokenExpiry: boolean;
  readonly maxBodyBytes: number;
  readonly maxBufferedBytes: number;
  readonly slowConsumerTimeoutMs: number;
}

/** `POST {base}/stream` */
export async function startStream(
  parts: StartStreamParts,
  exchange: AdmittedExchange,
): Promise<void> {
  const { request, response, requestId, caller } = exchange;
  refusePipelined(request, response);
  const channel = createHttpChannel(response, { ...parts, requestId });
  const format = chooseFormat(parts.formats, request.headers.accept);
  await parts.limits.countRequest(caller.subject);
  const streamRequest = parts.readStreamRequest(await readJson(request, parts));
  refuseDetached(request, streamRequest);
  parts.checkConfiguration(caller, streamRequest.configurationId);
  const leave = parts.limits.enterStream(caller.subject);
  const expiry = createExpiry(parts.endOnTokenExpiry ? caller.expiresAt : undefined);
  try {
    await parts.running.run((draining) =>
      runStream(parts, {
        requestId,
        subject: caller.subject,
        incomingTrace: traceOf(request),
        request: streamRequest,
        format,
        channel,
        ending: AbortSignal.any([draining, expiry.signal]),
      }),
    );
  } finally {
    expiry.clear();
    leave();
  }
}

function traceOf({ headers }: IncomingMessage): IncomingTrace {
  const { traceparent, tracestate } = headers;
  return { traceparent: traceparent?.toString(), tracestate: tracestate?.toString() };
}

/**
 * Behind a stream on the same connection a response has no socket yet, and would not hear that its
 * reader has left. HTTP/2 has a stream for each.
 */
function refusePipelined(request: IncomingMessage, response: ServerResponse): void {
  if (request.httpVersionMajor > 1 || response.socket !== null) return;
  throw new RelayError("invalid_request", "A connection carries one stream at a time.");
}

/** Nobody could come back for a stream that goes on without its reader. */
function refuseDetached({ headers }: IncomingMessage, { onDisconnect }: StreamRequest): void {
  const asked =
    (onDisconnect === "detach" && 'onDisconnect "detach"') ||
    (/\brespond-async\b/i.test(String(headers["prefer"])) && "Prefer: respond-async");
  if (!asked) return;
  throw new RelayError("invalid_request", `${asked} needs resumption, which is off on this relay.`);
}

/** The first format that `Accept` names; the default for those who do not mind. */
function chooseFormat(
  formats: readonly [OutputFormat, ...OutputFormat[]],
  accept = "",
): OutputFormat {
  return formats.find(({ mediaType }) => accept.includes(mediaType)) ?? formats[0];
}
