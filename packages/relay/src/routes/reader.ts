import type { IncomingMessage, ServerResponse } from "node:http";
import { RelayError } from "../errors.ts";
import type { OutputFormat } from "../output/format.ts";
import { HttpReader } from "../transport/http-reader.ts";
import type { Reader } from "../transport/reader.ts";
import type { AdmittedExchange } from "./router.ts";

export interface ReaderParts {
  readonly formats: readonly [OutputFormat, ...OutputFormat[]];
  readonly endOnTokenExpiry: boolean;
  readonly maxBufferedBytes: number;
  readonly slowConsumerTimeoutMs: number;
}

/**
 * The reader at the other end of an exchange.
 *
 * @throws RelayError `invalid_request` behind another stream on the same connection.
 */
export function createReader(parts: ReaderParts, exchange: AdmittedExchange): Reader {
  const { request, response, requestId, caller } = exchange;
  const { maxBufferedBytes, slowConsumerTimeoutMs } = parts;
  refusePipelined(request, response);
  return new HttpReader(response, {
    requestId,
    format: chooseFormat(parts.formats, request.headers.accept),
    expiresAt: parts.endOnTokenExpiry ? caller.expiresAt : undefined,
    maxBufferedBytes,
    slowConsumerTimeoutMs,
  });
}

/**
 * Behind a stream on the same connection a response has no socket yet, and would not hear that its
 * reader has left. HTTP/2 has a stream for each.
 */
function refusePipelined(request: IncomingMessage, response: ServerResponse): void {
  if (request.httpVersionMajor > 1 || response.socket !== null) return;
  throw new RelayError("invalid_request", "A connection carries one stream at a time.");
}

/** The first format that `Accept` names; the default for those who do not mind. */
function chooseFormat(
  formats: readonly [OutputFormat, ...OutputFormat[]],
  accept = "",
): OutputFormat {
  return formats.find(({ mediaType }) => accept.includes(mediaType)) ?? formats[0];
}
