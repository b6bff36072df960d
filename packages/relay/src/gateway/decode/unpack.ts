import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { RelayError } from "../../errors.ts";
import { headerValue } from "../headers.ts";
import type { BodyReader, UpstreamResponse } from "../post.ts";

/** Content codings by name (RFC 9110, "Content Codings"). */
const unpackers = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

/**
 * The answer as it was before it was compressed on the way: the relay does not ask for that, but
 * proxies do it all the same.
 *
 * @throws RelayError `gateway_protocol_error`, also from the body, when it cannot be unpacked.
 */
export function unpacked(response: UpstreamResponse): UpstreamResponse {
  const coding = headerValue(response.headers, "content-encoding")?.trim().toLowerCase();
  if (coding === undefined || coding === "" || coding === "identity") return response;
  const createUnpacker = unpackers.get(coding);
  if (createUnpacker === undefined) {
    response.discard();
    throw cannotUnpack(new Error(`Content-Encoding: ${coding}`));
  }
  return new UnpackedResponse(response, createUnpacker());
}

type Unpacker = ReturnType<typeof createGunzip>;

/** What had come before a body broke off comes before its failure. */
class UnpackedResponse implements UpstreamResponse, BodyReader {
  readonly status: number;
  readonly headers: UpstreamResponse["headers"];
  readonly #response: UpstreamResponse;
  readonly #unpacker: Unpacker;
  #reader: BodyReader | undefined;
  /** Set once all that has come of a body that broke off is unpacked. */
  #broken: { readonly failure: unknown } | undefined;

  constructor(response: UpstreamResponse, unpacker: Unpacker) {
    this.status = response.status;
    this.headers = response.headers;
    this.#response = response;
    this.#unpacker = unpacker;
  }

  read(reader: BodyReader): void {
    this.#reader = reader;
    this.#unpacker
      .on("data", (bytes: Buffer) => {
        if (this.#reader?.data(bytes) === false) this.#unpacker.pause();
        this.#endIfBroken();
      })
      .on("drain", () => this.#response.resume())
      .on("end", () => this.#end())
      .on("error", (error) => {
        this.#response.discard();
        this.#end(cannotUnpack(error));
      });
    this.#response.read(this);
  }

  data(bytes: Uint8Array): boolean {
    return this.#unpacker.write(bytes);
  }

  end(failure?: unknown): void {
    if (failure === undefined) {
      this.#unpacker.end();
      return;
    }
    // Called when what was written before has been unpacked.
    this.#unpacker.write(new Uint8Array(), () => {
      this.#broken = { failure };
      this.#endIfBroken();
    });
  }

  #endIfBroken(): void {
    if (this.#broken !== undefined && this.#unpacker.readableLength === 0) {
      this.#end(this.#broken.failure);
    }
  }

  #end(failure?: unknown): void {
    const reader = this.#reader;
    this.#reader = undefined;
    this.#unpacker.destroy();
    reader?.end(failure);
  }

  resume(): void {
    this.#unpacker.resume();
  }

  discard(): void {
    this.#reader = undefined;
    this.#response.discard();
    this.#unpacker.destroy();
  }

  abort(reason: unknown): void {
    this.#response.abort(reason);
    this.#end(reason);
  }
}

function cannotUnpack(cause: unknown): RelayError {
  const message = "The gateway's answer is compressed in a way that cannot be unpacked.";
  return new RelayError("gateway_protocol_error", message, { cause });
}
