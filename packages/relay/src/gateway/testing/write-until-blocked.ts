import { once } from "node:events";
import type { ServerResponse } from "node:http";

export interface BlockedWrites {
  /** How much was handed over before the reader stopped taking it. */
  readonly writtenBytes: number;
}

/**
 * Writes `piece` over and over until nothing has drained for `quietMs`: the reader has stopped
 * reading. Undefined when all `maxBytes` went through.
 */
export async function writeUntilBlocked(
  response: ServerResponse,
  options: { readonly piece: Uint8Array; readonly maxBytes: number; readonly quietMs: number },
): Promise<BlockedWrites | undefined> {
  const { piece, maxBytes, quietMs } = options;
  let writtenBytes = 0;
  while (writtenBytes < maxBytes) {
    writtenBytes += piece.length;
    if (response.write(piece)) continue;
    const drained = once(response, "drain", { signal: AbortSignal.timeout(quietMs) });
    const isBlocked = await drained.then(
      () => false,
      () => true,
    );
    if (isBlocked) return { writtenBytes };
  }
  return undefined;
}
