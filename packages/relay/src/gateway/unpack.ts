import { pipeline } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { isRelayError, RelayError } from "../errors.ts";
import { headerValue } from "./response-headers.ts";
import type { UpstreamResponse } from "./upstream-call.ts";

/** Content codings by name (RFC 9110, "Content Codings"). */
const unpackers = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

/**
 * The answer as it was before somebody on the way compressed it: nobody asked for that, but proxies
 * do it all the same.
 *
 * @throws RelayError `gateway_protocol_error`, also from the body, when it cannot be unpacked.
 */
export function unpacked(response: UpstreamResponse): UpstreamResponse {
  const coding = headerValue(response.headers, "content-encoding")?.trim().toLowerCase();
  if (coding === undefined || coding === "" || coding === "identity") return response;
  const createUnpacker = unpackers.get(coding);
  if (createUnpacker === undefined) {
    void response.body[Symbol.asyncIterator]().return?.();
    throw cannotUnpack(new Error(`Content-Encoding: ${coding}`));
  }
  return { ...response, body: unpackedBody(response.body, createUnpacker()) };
}

type Unpacker = ReturnType<typeof createGunzip>;

async function* unpackedBody(
  body: UpstreamResponse["body"],
  unpacker: Unpacker,
): AsyncGenerator<readonly Uint8Array[]> {
  // The callback's failure is thrown by the loop as well.
  const stream = pipeline(chunksOf(body), unpacker, () => {});
  try {
    for await (const chunk of stream) yield [chunk];
  } catch (failure) {
    throw isRelayError(failure) ? failure : cannotUnpack(failure);
  }
}

async function* chunksOf(body: UpstreamResponse["body"]): AsyncGenerator<Uint8Array> {
  for await (const chunks of body) yield* chunks;
}

function cannotUnpack(cause: unknown): RelayError {
  const message = "The gateway's answer is compressed in a way that cannot be unpacked.";
  return new RelayError("gateway_protocol_error", message, { cause });
}
