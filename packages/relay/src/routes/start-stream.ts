import type { IncomingMessage, ServerResponse } from "node:http";
import type { StreamRequest } from "@gatestream/protocol";
import type { ReadStreamRequest } from "../admission/stream-request.ts";
import { RelayError } from "../errors.ts";
import { runStream, type FlowParts } from "../flow.ts";
import type { OutputFormat } from "../output/format.ts";
import { createHttpChannel } from "../transport/http-channel.ts";
import { readJson } from "../transport/read-body.ts";
import type { RunningStreams } from "./running-streams.ts";

export interface StartStreamParts extends FlowParts {
  readonly running: RunningStreams;
  readonly formats: readonly [OutputFormat, ...OutputFormat[]];
  readonly readStreamRequest: ReadStreamRequest;
  readonly maxBodyBytes: number;
  readonly maxBufferedBytes: number;
  readonly slowConsumerTimeoutMs: number;
}

/** `POST {base}/stream` */
export async function startStream(
  parts: StartStreamParts,
  exchange: { request: IncomingMessage; response: ServerResponse; requestId: string },
): Promise<void> {
  const { request, response, requestId } = exchange;
  refusePipelined(request, response);
  const channel = createHttpChannel(response, { ...parts, requestId });
  const format = chooseFormat(parts.formats, request.headers.accept);
  const streamRequest = parts.readStreamRequest(await readJson(request, parts));
  if (!parts.log.resumable) refuseDetached(request, streamRequest);
  await parts.running.run((ending) =>
    runStream(parts, { requestId, request: streamRequest, format, channel, ending }),
  );
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
