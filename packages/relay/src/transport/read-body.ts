import type { IncomingMessage } from "node:http";
import { RelayError } from "../errors.ts";

export interface ReadBodyOptions {
  readonly maxBodyBytes: number;
}

/**
 * The JSON value in the body of a request.
 *
 * @throws RelayError `unsupported_media_type`, `payload_too_large` or `invalid_request`.
 */
export async function readJson(
  request: IncomingMessage & { readonly body?: unknown },
  options: ReadBodyOptions,
): Promise<unknown> {
  const mediaType = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    throw new RelayError("unsupported_media_type", "The body must be application/json.");
  }
  if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
    throw new RelayError("unsupported_media_type", "The body must not be compressed.");
  }
  // A host's own body parser has been here first and left nothing to read.
  if (request.body !== undefined) return request.body;
  const bytes = await readBytes(request, options);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RelayError("invalid_request", "The body is not valid JSON in UTF-8.", { cause });
  }
}

async function readBytes(
  request: IncomingMessage,
  { maxBodyBytes }: ReadBodyOptions,
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Without destroying it: the refusal goes out on the same socket, and node:http drops the rest.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new RelayError("invalid_request", "The body was cut off.", { cause });
  }
  if (bytes > maxBodyBytes) {
    const message = `The body is larger than maxBodyBytes (${maxBodyBytes}).`;
    throw new RelayError("payload_too_large", message);
  }
  return Buffer.concat(chunks);
}
