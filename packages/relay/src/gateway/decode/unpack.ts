import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { RelayError } from "../../errors.ts";
import { headerValue } from "../handshake/response-headers.ts";
import type { UpstreamResponse } from "../handshake/upstream-call.ts";

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

/** Nothing is read ahead: what had come before a body broke off comes before its failure. */
function unpackedBody(
  body: UpstreamResponse["body"],
  unpacker: Unpacker,
): AsyncIterableIterator<readonly Uint8Array[]> {
  const packed = body[Symbol.asyncIterator]();
  const feed = createFeed(unpacker);
  let isLeft = false;

  async function* output(): AsyncGenerator<readonly Uint8Array[]> {
    try {
      while (!isLeft) {
        const { done, value } = await packed.next();
        if (done) break;
        for (const chunk of value) yield* feed((onDone) => unpacker.write(chunk, () => onDone()));
      }
      // Not the callback of end(): it comes before what is left has been unpacked.
      if (!isLeft) yield* feed((onDone) => unpacker.once("end", onDone).end());
    } finally {
      unpacker.destroy();
    }
  }

  const reader = output();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const result = await reader.next();
      return isLeft ? { done: true, value: undefined } : result;
    },
    async return() {
      isLeft = true;
      // First: the generator's own return would wait for bytes that may never come.
      await packed.return?.();
      void reader.return(undefined);
      return { done: true, value: undefined };
    },
  };
}

/** What comes out while the unpacker does some `work`, which goes on as fast as that is taken. */
function createFeed(unpacker: Unpacker) {
  let failure: Error | undefined;
  let wake = (): void => {};
  unpacker.on("readable", () => wake());
  unpacker.on("error", (error) => {
    failure = error;
    wake();
  });
  return async function* feed(
    work: (onDone: () => void) => void,
  ): AsyncGenerator<readonly Uint8Array[]> {
    let isDone = false;
    work(() => {
      isDone = true;
      wake();
    });
    for (;;) {
      const chunk: Buffer | null = unpacker.read();
      if (chunk !== null) yield [chunk];
      else if (failure !== undefined) throw cannotUnpack(failure);
      else if (isDone) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  };
}

function cannotUnpack(cause: unknown): RelayError {
  const message = "The gateway's answer is compressed in a way that cannot be unpacked.";
  return new RelayError("gateway_protocol_error", message, { cause });
}
