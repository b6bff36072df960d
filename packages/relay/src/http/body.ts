import type { IncomingMessage } from "node:http";
import { RelayError, toRelayError } from "../errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The JSON value in the body of a request.
 *
 * @throws RelayError `unsupported_media_type`, `payload_too_large` or `invalid_request`.
 */
export async function readJson(
  request: IncomingMessage & { readonly body?: unknown },
  { maxBodyBytes }: { readonly maxBodyBytes: number },
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
  if (request.readableDidRead) {
    // The caller can do nothing about it: the cause is for the operator's log.
    const problem =
      "The host has read the request's body before the relay, and left no request.body. Mount the relay before the host's body parser, or pass the parsed body: Object.assign(request, { body }).";
    throw toRelayError(new Error(problem));
  }
  const bytes = await readBytes(request, maxBodyBytes);
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    // Without its cause: the parser's message quotes the body, and no log may hold a prompt.
    throw new RelayError("invalid_request", "The body is not valid JSON in UTF-8.");
  }
}

function readBytes(request: IncomingMessage, maxBodyBytes: number): Promise<Uint8Array> {
  let body: Buffer = Buffer.alloc(0);
  let bytes = 0;
  return new Promise((resolve, reject) => {
    function settle(): void {
      request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
    }
    function refuse(): void {
      settle();
      // node:http drops the rest of a body only when reading has not begun.
      request.resume();
      const message = `The body is larger than maxBodyBytes (${maxBodyBytes}).`;
      reject(new RelayError("payload_too_large", message));
    }
    function onData(chunk: Buffer): void {
      const used = bytes;
      bytes += chunk.length;
      if (bytes > maxBodyBytes) {
        refuse();
        return;
      }
      // Copied, not kept: each chunk is an object that takes hundreds of bytes, even one of one byte.
      if (bytes > body.length) body = Buffer.concat([body], Math.max(bytes, 2 * body.length));
      chunk.copy(body, used);
    }
    function onEnd(): void {
      settle();
      resolve(body.subarray(0, bytes));
    }
    function onClose(cause?: Error): void {
      settle();
      reject(new RelayError("invalid_request", "The body was cut off.", { cause }));
    }
    // What is announced to be too large is not waited for.
    if (Number(request.headers["content-length"]) > maxBodyBytes) refuse();
    else request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}
